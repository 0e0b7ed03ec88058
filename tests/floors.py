"""The floors of the house: who may import whom, what no module may call, and how long things may get.

Every rule is a function from one parsed module to its faults; ``test_floors`` applies them to the package and
shows that each refuses something.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

SIBLINGS = frozenset({"engines", "files", "models", "oracles", "report"})
VERBS = "commands"  # of the command line, which gathers them
# They join the floors, and import all of them.
JOINED = frozenset({VERBS, "building", "deciding", "gathering", "terminal"})
# Modules beside the folders that import nothing of the package, and that every folder but the trusted may import.
LEAVES = frozenset({"notebook_table"})
HEAVY = frozenset({"distributed", "flint", "matplotlib", "networkx", "numba", "onnx", "z3"})
# The two trusted folders, each in its reading order: a module imports only what stands before it.
ORDER = {
    "kernel": (
        "errors",
        "verdict",
        "codec",
        "network",
        "claim",
        "packed",
        "linear",
        "slots",
        "steps",
        "bounds",
        "ideal",
        "certificate",
        "check",
        "__main__",
    ),
    "calculus": (
        "statement",
        "grammar",
        "arithmetic",
        "facts",
        "derivation",
        "axioms",
        "audit",
        "finite",
        "rules",
    ),
}
SHARED = ("supverify.kernel.errors", "supverify.kernel.verdict")  # all that the calculus takes from the kernel
# The kernel reads steps, ideal first steps and slopes since it re-checks networks that no replay can.
LINES = {"kernel": 1475, "calculus": 1650}
EXACT_MATH = frozenset({"ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "perm", "prod"})
EVALUATORS = frozenset({"__import__", "compile", "eval", "exec"})
TEXT_READERS = frozenset({"parse_expr", "sympify"})
UNPICKLERS = frozenset({"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"})
FILE_LINES, BODY_LINES, MEDIAN_BODY_LINES = 300, 45, 8

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = Function | ast.ClassDef


@dataclass(frozen=True)
class Import:
    """One imported name in full, such as ``supverify.kernel.errors.Malformed``."""

    name: str
    line: int
    eager: bool

    @property
    def parts(self) -> list[str]:
        return self.name.split(".")


@dataclass(frozen=True)
class Module:
    """A parsed file; ``path`` is its place under the package, such as ("kernel", "check")."""

    path: tuple[str, ...]
    source: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        return self.path[0]

    def imports(self) -> Iterator[Import]:
        yield from self._imports(self.tree, eager=True)

    def _imports(self, node: ast.AST, *, eager: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, child.lineno, eager) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = self._base(child)
                yield from (Import(f"{base}.{alias.name}", child.lineno, eager) for alias in child.names)
            else:
                lazy = isinstance(child, Function) or _types_only(child)
                yield from self._imports(child, eager=eager and not lazy)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = ("supverify", *self.path)[: -node.level]
        return ".".join((*package, node.module) if node.module else package)


def _types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def parse(path: tuple[str, ...], source: str) -> Module:
    return Module(path, source, ast.parse(source))


def foreign_floors(module: Module) -> Iterator[str]:
    """A folder imports the trusted ones, leaves and itself; verbs and the modules beside the folders everything."""
    if module.floor in LEAVES:
        own = (item for item in module.imports() if item.parts[0] == "supverify")
        yield from (f"line {item.line}: {module.floor} imports {item.name}" for item in own)
    if module.floor == VERBS:
        yield from (
            f"line {item.line}: {VERBS} imports cli" for item in module.imports() if item.parts[1:2] == ["cli"]
        )
    if len(module.path) == 1 or module.floor in JOINED:
        return
    if module.floor not in {*ORDER, *SIBLINGS}:
        yield f"{module.floor} is on no floor"
    for item in module.imports():
        if item.parts[0] == "supverify":
            floor = item.parts[1] if len(item.parts) > 1 else "all of supverify"
            if floor not in {*ORDER, *LEAVES, module.floor}:
                yield f"line {item.line}: {module.floor} imports {floor}"


def trusted_imports(module: Module) -> Iterator[str]:
    """A trusted folder imports the standard library, and of itself only what its reading order puts before."""
    if module.floor not in ORDER:
        return
    order, name = ORDER[module.floor], module.path[1]
    if name not in {"__init__", *order}:
        yield f"{name} has no place in the order of {module.floor}"
    before = set(order[: order.index(name)] if name in order else ())
    for item in module.imports():
        if item.parts[0] not in {"supverify", *sys.stdlib_module_names}:
            yield f"line {item.line}: {module.floor} imports {item.parts[0]}"
        if item.parts[:2] == ["supverify", module.floor] and not before.intersection(item.parts[2:]):
            yield f"line {item.line}: {item.name} does not come before {name}"
        if item.parts[0] == "supverify" and item.parts[1:2] != [module.floor] and not _shared(module, item):
            yield f"line {item.line}: {module.floor} imports {item.name}"
        if item.parts[0] == "math" and not EXACT_MATH.issuperset(item.parts[1:]):
            yield f"line {item.line}: {item.name} is not an integer function"


def _shared(module: Module, item: Import) -> bool:
    return module.floor == "calculus" and item.name.startswith(SHARED)


def trusted_exactness(module: Module) -> Iterator[str]:
    """A trusted folder has no floats and no assert (which python -O removes)."""
    if module.floor not in ORDER:
        return
    for node in ast.walk(module.tree):
        match node:
            case ast.Assert():
                yield f"line {node.lineno}: assert in {module.floor}"
            case ast.Constant(value=float() | complex() as value):
                yield f"line {node.lineno}: float {value} in {module.floor}"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()) if module.floor == "kernel":
                yield f"line {node.lineno}: true division in kernel"
            case ast.Name(id="float" | "complex"):
                yield f"line {node.lineno}: {node.id} in {module.floor}"
            case ast.Attribute(value=ast.Name(id="math")) if node.attr not in EXACT_MATH:
                yield f"line {node.lineno}: math.{node.attr} is not an integer function"


def eager_heavies(module: Module) -> Iterator[str]:
    """Heavy packages are imported where they are used, not when the module is."""
    for item in module.imports():
        if item.eager and item.parts[0] in HEAVY:
            yield f"line {item.line}: {item.parts[0]} imported at module level"


def evaluation(module: Module) -> Iterator[str]:
    """Nothing that was read is ever run: no eval, no text to sympy, no unpickling, no ``global``."""
    for item in module.imports():
        if item.parts[0] in UNPICKLERS or TEXT_READERS.intersection(item.parts):
            yield f"line {item.line}: import of {item.name}"
    for node in ast.walk(module.tree):
        match node:
            case ast.Global():
                yield f"line {node.lineno}: global {', '.join(node.names)}"
            case ast.Name() if node.id in EVALUATORS | TEXT_READERS:
                yield f"line {node.lineno}: {node.id}"
            case ast.Attribute() if node.attr in TEXT_READERS:
                yield f"line {node.lineno}: {node.attr}"
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                yield f"line {node.lineno}: allow_pickle"


def body_lines(function: Function) -> int:
    """The lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lengths(module: Module) -> Iterator[str]:
    """Files and functions stay short enough to be read at one sitting."""
    lines = len(module.source.splitlines())
    if lines > FILE_LINES:
        yield f"{lines} lines, more than {FILE_LINES}"
    for function in functions(module.tree):
        if body_lines(function) > BODY_LINES:
            yield f"line {function.lineno}: {function.name} has {body_lines(function)} lines"


def docstrings(module: Module) -> Iterator[str]:
    """The module and its public classes, functions and methods each say what they are."""
    if ast.get_docstring(module.tree) is None:
        yield "the module has no docstring"
    public = [node for node in module.tree.body if _is_public(node)]
    methods = [node for owner in public if isinstance(owner, ast.ClassDef) for node in owner.body]
    for node in (*public, *filter(_is_public, methods)):
        if isinstance(node, Named) and ast.get_docstring(node) is None:
            yield f"line {node.lineno}: {node.name} has no docstring"


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, Named) and not node.name.startswith("_")


RULES = (foreign_floors, trusted_imports, trusted_exactness, eager_heavies, evaluation, lengths, docstrings)


def faults(module: Module) -> list[str]:
    return [fault for rule in RULES for fault in rule(module)]
