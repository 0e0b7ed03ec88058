"""Readers of exported files that share no line with their writers: Z3 and cvc5 for SMT-LIB, own ones for the rest."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any

import brute
import cvc5
import z3

from supverify.files.export import Cone
from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.network import Layer, Network


def expected(claim: Claim, outputs: Iterable[int] | None = None) -> str:
    """sat if one of the outputs (None: any) is wrong somewhere."""
    asked = None if outputs is None else set(outputs)
    wrong = (set(brute.wrong_entries(claim, y)) for y in brute.inputs(claim))
    return "sat" if any(found if asked is None else found & asked for found in wrong) else "unsat"


def by_z3(text: str) -> tuple[str, tuple[int, ...]]:
    """Z3's answer to an SMT-LIB script, and the inputs that its model switches on."""
    solver = z3.Solver()
    solver.from_string(text)
    answer = str(solver.check())
    model = solver.model() if answer == "sat" else []
    on = (str(name) for name in model if str(name).startswith("y") and z3.is_true(model[name]))
    return answer, tuple(sorted(int(name[1:]) for name in on))


def by_cvc5(text: str) -> str:
    """What cvc5 prints for an SMT-LIB script."""
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "exported")
    symbols, printed = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        printed += command.invoke(solver, symbols)
    return printed.strip()


LINE = re.compile(r"(?P<sum>([+-]\d+ x[1-9]\d* )+)>= (?P<least>-?\d+) ;")
HEAD = re.compile(r"\* #variable= (\d+) #constraint= (\d+)\n\* sums of at most (\d+) bits")


def by_pseudo_boolean(text: str) -> tuple[str, tuple[int, ...]]:
    """Z3's answer to an OPB file read strictly, and the inputs that the solution switches on."""
    solver, lines, used = z3.Solver(), text.splitlines(), 0
    head = HEAD.match(text)
    assert head, lines[:2]
    names = dict(re.findall(r"^\* (x\d+) = (.*)$", text, re.MULTILINE))
    constraints = [line for line in lines if not line.startswith("*")]
    for line in constraints:
        read = LINE.fullmatch(line)
        assert read, line
        words = read["sum"].split()
        terms = list(zip(map(int, words[::2]), words[1::2], strict=True))
        assert len({name for _, name in terms}) == len(terms)
        assert sum(abs(c) for c, _ in terms) + abs(int(read["least"])) < 1 << int(head[3])
        used = max(used, *(int(name[1:]) for _, name in terms))
        solver.add(z3.Sum([z3.If(z3.Bool(name), c, 0) for c, name in terms]) >= int(read["least"]))
    assert (len(names), len(constraints)) == (int(head[1]), int(head[2]))
    assert used <= len(names)
    answer = str(solver.check())
    model = solver.model() if answer == "sat" else []
    on = (names[str(name)] for name in model if z3.is_true(model[name]))
    return answer, tuple(sorted(int(name[1:]) for name in on if re.fullmatch(r"y\d+", name)))


def by_property(text: str, network: Network) -> str:
    """Z3's answer to a VNN-LIB property of either version, together with the network over the reals."""
    text = re.sub(r"\(vnnlib-version <2.0>\)\n\(declare-network N\n.*\n.*\n\)\n", "", text)
    text = re.sub(r"([XY])\[0,(\d+)\]", r"\1_\2", text).replace("(==", "(=")
    text = re.sub(r" -(\d+\.0)", r" (- \1)", text)
    xs = [z3.Real(f"X_{j}") for j in range(network.inputs)]
    ys = [z3.Real(f"Y_{i}") for i in range(network.outputs)]
    known = "".join(f"(declare-const {v} Real)\n" for v in (*xs, *ys)) if "declare-const" not in text else ""
    solver = z3.Solver()
    solver.from_string(known + text)
    values: list[Any] = xs
    for layer in network.layers:
        sums = [z3.Sum([b, *(w * values[j] for j, w in layer.row(r))]) for r, b in enumerate(layer.bias)]
        values = [z3.If(z > 0, z, 0) if layer.relu else z for z in sums]
    solver.add(*(y == z for y, z in zip(ys, values, strict=True)))
    return str(solver.check())


def padded(part: Cone, on: tuple[int, ...]) -> tuple[int, ...]:
    """A model's inputs, made up to k of them in mode exactly by inputs that the query leaves out."""
    missing = part.claim.k - len(on) if part.claim.mode == "exactly" else 0
    others = [j for j in range(part.claim.network.inputs) if j not in part.inputs]
    return tuple(sorted((*on, *others[:missing])))


def step_claim(rng: random.Random) -> Claim:
    """Steps h = relu(B - c relu(T - W y)), with c around B, and sums of them read by a threshold."""
    m, n, outputs = rng.randint(2, 4), rng.randint(1, 3), rng.randint(1, 3)
    first = brute.random_layer(rng, n, m, relu=True)
    heights = [rng.randint(1, 3) for _ in range(n)]
    slopes = tuple((-rng.randint(max(1, height - 1), height + 1),) for height in heights)
    step = Layer(tuple((r,) for r in range(n)), slopes, tuple(heights), True)
    network = Network(m, (first, step, brute.random_layer(rng, outputs, n, relu=rng.random() < 0.5)))
    pairs = [rng.sample(range(m), 2) for _ in range(outputs)]
    problem = TwoAnd(m, tuple((a, b) for a, b in pairs))
    return Claim(network, problem, rng.randint(0, m), brute.random_criterion(rng))
