"""LaTeX of the statement tree, with brackets wherever a reader could bind the signs differently.

Functions keep their brackets and a factorial under a power gets its own, so ``(m!)^2`` never reads as ``m!^2``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from supverify.calculus.statement import (
    BINARY,
    GROWTH,
    KINDS,
    RANGES,
    RELATIONS,
    Number,
    Term,
    Tree,
    Variable,
    chains,
    is_declaration,
    show,
)

SIGNS = {">=": r"\ge", "<=": r"\le", ">": ">", "<": "<", "=": "=", "!=": r"\ne", "~": r"\sim"}
GREEK = frozenset({"alpha", "beta", "gamma", "delta", "epsilon", "lambda", "mu", "rho", "sigma", "tau"})
NAMED = {"ln": r"\ln", "log2": r"\log_{2}", "log10": r"\log_{10}"} | {f: rf"\{f}" for f in ("exp", "min", "max")}
GROWTH_NAMES = {"O": "O", "o": "o", "Omega": r"\Omega", "Theta": r"\Theta", "omega": r"\omega"}
FENCES = {"floor": (r"\lfloor", r"\rfloor"), "ceil": (r"\lceil", r"\rceil"), "abs": ("|", "|")}
TALL = (r"\frac", r"\sum", r"\prod", r"\binom", r"\choose")
SETS = {"integer": r"\mathbb{Z}", "real": r"\mathbb{R}"}
STATEMENT, CONJUNCTION, NEGATION, RELATION, RANGE, SUM = 0, 3, 4, 5, 6, 7
FRACTION, POWER, FACTORIAL, ATOM = 9, 12, 13, 20

Printed = tuple[str, int]


def latex(tree: Tree, strength: int = STATEMENT) -> str:
    """The LaTeX of ``tree``, in brackets where it binds less than ``strength``."""
    text, own = _printed(tree)
    return _fenced(text) if own < strength else text


def _fenced(text: str) -> str:
    """In brackets, which grow only around what is tall."""
    return rf"\left({text}\right)" if any(sign in text for sign in TALL) else f"({text})"


def _printed(tree: Tree) -> Printed:
    """The LaTeX without outer brackets, and how strongly it binds."""
    if isinstance(tree, Number):
        return show(tree), ATOM
    if isinstance(tree, Variable):
        return variable(tree.name), ATOM
    if tree.head in PRINTERS:
        return PRINTERS[tree.head](tree.arguments)
    if tree.head in RELATIONS:
        return _chain([tree]), RELATION
    if tree.head in GROWTH:
        return _growth(tree.head, tree.arguments), RELATION
    if tree.head in RANGES:
        return _range(tree.head, tree.arguments), RANGE
    if tree.head in FENCES:
        left, right = FENCES[tree.head]
        return rf"\left{left} {latex(tree.arguments[0])} \right{right}", ATOM
    name = NAMED.get(tree.head, _word(tree.head))
    return name + _call(tree.arguments) if tree.arguments else name, ATOM


def variable(name: str) -> str:
    """``m0`` as m with subscript 0, ``alpha`` as the letter, a renamed ``m_`` as m', other words upright."""
    bare = name.rstrip("_")
    letters = bare.rstrip("0123456789").rstrip("_") or bare
    index, primes = bare.removeprefix(letters).lstrip("_"), "'" * (len(name) - len(bare))
    base = letters if len(letters) == 1 else rf"\{letters}" if letters in GREEK else _word(letters)
    return f"{base}{primes}" + (f"_{{{index}}}" if index else "")


def _word(name: str) -> str:
    return rf"\mathrm{{{name}}}".replace("_", r"\_")


def _call(arguments: Sequence[Tree]) -> str:
    return _fenced(", ".join(map(latex, arguments)))


def _binary(head: str, sign: str) -> Callable[[Sequence[Tree]], Printed]:
    own, left, right = BINARY[head]
    return lambda a: (f"{latex(a[0], left)} {sign} {latex(a[1], right)}", own)


def _product(arguments: Sequence[Tree]) -> Printed:
    """Side by side with a thin space, or a dot before a digit and between a number and a fraction."""
    own, strength, right_strength = BINARY["*"]
    left, right = latex(arguments[0], strength), latex(arguments[1], right_strength)
    mixed = isinstance(arguments[0], Number) and right.startswith(r"\frac")
    sign = r"\cdot" if mixed or right[0].isdigit() else r"\,"
    return f"{left} {sign} {right}", own


def _power(arguments: Sequence[Tree]) -> Printed:
    return f"{latex(arguments[0], ATOM)}^{{{latex(arguments[1])}}}", POWER


def _fraction(arguments: Sequence[Tree]) -> Printed:
    return rf"\frac{{{latex(arguments[0])}}}{{{latex(arguments[1])}}}", FRACTION


def _binomial(above: str, below: str) -> str:
    """By \\choose where a fraction is inside, for ziamath cannot set it otherwise."""
    if r"\frac" in above + below:
        return rf"{{{above} \choose {below}}}"
    return rf"\binom{{{above}}}{{{below}}}"


def _forall(arguments: Sequence[Tree]) -> Printed:
    ranges = r",\, ".join(context(arguments[:-1]))
    return rf"\forall\, {ranges}:\; {latex(arguments[-1])}", STATEMENT


def pieces(tree: Tree) -> tuple[str, ...]:
    """The LaTeX of ``tree`` in parts between which a line may break: what a quantifier ranges over, then its body."""
    if not (isinstance(tree, Term) and tree.head == "forall"):
        return (latex(tree),)
    *ranges, last = context(tree.arguments[:-1])
    first, *others = (*(f"{item}," for item in ranges), f"{last}:")
    return (rf"\forall\, {first}", *others, latex(tree.arguments[-1]))


def bound(head: str, tree: Tree) -> str:
    r"""``\Omega(m)`` and the like, the right side of a growth claim."""
    return GROWTH_NAMES[head] + _call([tree])


def context(items: Sequence[Tree]) -> tuple[str, ...]:
    r"""The LaTeX of the things that a quantifier ranges over, such as ``m \in \mathbb{Z}`` and ``1 \le i \le m``."""
    return tuple(_declaration(run[0]) or _run(run) for run in chains(items))


def _declaration(item: Tree) -> str:
    if not (isinstance(item, Term) and is_declaration(item)):
        return ""
    return rf"{latex(item.arguments[0])} \in {SETS[KINDS[item.head]]}"


def _conjunction(arguments: Sequence[Tree]) -> Printed:
    """Relations that go on from one another are written as one chain."""
    return r" \;\wedge\; ".join(map(_run, chains(arguments))), CONJUNCTION


def _run(run: Sequence[Tree]) -> str:
    return _chain(run) if len(run) > 1 else latex(run[0], NEGATION)


def _chain(run: Sequence[Tree]) -> str:
    relations = [part for part in run if isinstance(part, Term)]
    steps = (f" {SIGNS[part.head]} {latex(part.arguments[1], RANGE)}" for part in relations)
    return latex(relations[0].arguments[0], RANGE) + "".join(steps)


def _growth(head: str, arguments: Sequence[Tree]) -> str:
    limit, left, right = arguments
    side = latex(right, RANGE) if head == "~" else bound(head, right)
    return rf"{latex(left, RANGE)} {'=' if head != '~' else SIGNS['~']} {side} \quad ({latex(limit)} \to \infty)"


def _range(head: str, arguments: Sequence[Tree]) -> str:
    index, low, high, body = arguments
    return rf"\{head}_{{{latex(index)} = {latex(low)}}}^{{{latex(high)}}} {latex(body, SUM + 1)}"


PRINTERS: dict[str, Callable[[Sequence[Tree]], Printed]] = {
    "+": _binary("+", "+"),
    "-": _binary("-", "-"),
    "*": _product,
    "/": _fraction,
    "^": _power,
    "implies": _binary("implies", r"\;\Rightarrow\;"),
    "and": _conjunction,
    "not": lambda a: (rf"\neg {latex(a[0], RANGE)}", NEGATION),
    "neg": lambda a: (f"-{latex(a[0], SUM + 1)}", SUM),
    "!": lambda a: (f"{latex(a[0], ATOM)}!", FACTORIAL),
    "binom": lambda a: (_binomial(*map(latex, a)), ATOM),
    "sqrt": lambda a: (rf"\sqrt{{{latex(a[0])}}}", ATOM),
    "log": lambda a: (rf"\log_{{{latex(a[1])}}}" + _call(a[:1]), ATOM),
    "e": lambda a: (r"\mathrm{e}", ATOM),
    "pi": lambda a: (r"\pi", ATOM),
    "forall": _forall,
}
