"""The parser: from text to the tree of ``statement``. Nothing is evaluated; hostile text is refused early."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from typing import NoReturn

from supverify.kernel.errors import Malformed

from .statement import (
    BINARY,
    CONSTANTS,
    FUNCTIONS,
    GROWTH,
    KINDS,
    LOGIC,
    RANGES,
    RELATIONS,
    Number,
    Term,
    Tree,
    Variable,
    conjunction,
    conjuncts,
    declared,
    free,
    is_statement,
    subject,
)

SYNONYMS = {"**": "^", "=>": "implies"}
RESERVED = {*KINDS, *RANGES, *LOGIC, *CONSTANTS, "forall", "as"}
LENGTH, DIGITS, NESTING, HEIGHT = 4000, 400, 40, 120  # characters, digits of a number, brackets, tree levels
POWER = 1 << 22  # bits of a power of whole numbers
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|\*\*|\.\.|=>|->|>=|<=|!=|[-+*/^!(),:=<>~])", re.ASCII)


def parse(text: str, place: str = "statement") -> Tree:
    """The statement or expression in ``text``; raises Malformed with the column."""
    reader = _Reader(text, place)
    tree = reader.expression()
    return reader.end((tree,))[0]


def parse_context(text: str, place: str = "given") -> tuple[Tree, ...]:
    """The declarations ``Term(kind, (variable,))`` and conditions of ``integer m >= 1, ...``; none in ""."""
    if not text.strip():
        return ()
    reader = _Reader(f"{text}:", place)
    return reader.end(reader.context())


class _Reader:
    """One pass over the tokens of ``text``: precedence climbing with the strengths of BINARY."""

    def __init__(self, text: str, place: str) -> None:
        self.place, self.next, self.depth, start = place, 0, 0, 0
        self.tokens: list[tuple[str, int]] = []  # with their columns; "" is the end
        while text[start:].strip():
            match = _TOKEN.match(text, start) if start < LENGTH else None
            if not match or len(match[1]) > DIGITS:
                wanted = f"at most {DIGITS} digits" if match else "a number, a name or an operator"
                wanted = wanted if start < LENGTH else f"at most {LENGTH} characters"
                raise Malformed(f"{place}, column {start + 1}", wanted, text[start : start + 20])
            start = match.end()
            self.tokens.append((match[1], match.start(1) + 1))
        self.tokens += [("", len(text) + 1)] * 2

    def refuse(self, expected: str) -> NoReturn:
        token, column = self.tokens[self.next]
        raise Malformed(f"{self.place}, column {column}", expected, token or "the end")

    def ahead(self, offset: int = 0) -> str:
        return self.tokens[self.next + offset][0]

    def take(self, *wanted: str) -> str:
        if wanted and self.ahead() not in wanted:
            self.refuse(" or ".join(word or "the end" for word in wanted))
        self.next += bool(self.ahead())
        return self.tokens[self.next - 1][0] if self.next else ""

    def end(self, trees: tuple[Tree, ...]) -> tuple[Tree, ...]:
        """``trees``, when the text ends here and they are not too deep for a plain recursion."""
        self.take("")
        level, height = list(trees), 0
        while level:
            level, height = [a for part in level if isinstance(part, Term) for a in part.arguments], height + 1
        if height > HEIGHT:
            self.refuse(f"a tree of at most {HEIGHT} levels")
        return trees

    def name(self) -> Variable:
        if not self.ahead().isidentifier() or self.ahead() in RESERVED:
            self.refuse("the name of a variable")
        return Variable(self.take())

    def operand(self, strength: int, *, statement: bool = False) -> Tree:
        at, tree = self.next, self.expression(strength)
        if is_statement(tree) is not statement:
            self.next = at
            self.refuse("a statement" if statement else "an expression")
        return tree

    def expression(self, strength: int = 0) -> Tree:
        """What binds at least as strongly as ``strength``."""
        self.depth += 1
        if self.depth > NESTING:
            self.refuse(f"at most {NESTING} levels of brackets and prefixes")
        at, tree = self.next, self.prefix()
        while (sign := SYNONYMS.get(self.ahead(), self.ahead())) == "!" or BINARY.get(sign, (-1,))[0] >= strength:
            if is_statement(tree) is not (sign in LOGIC):
                self.next = at
                self.refuse("a statement before a logical word, an expression before an operator")
            tree = self.suffix(tree)
        self.depth -= 1
        return tree

    def suffix(self, left: Tree) -> Tree:
        if self.ahead() in (*RELATIONS, "~"):
            return self.chain(left)
        at, token = self.next, self.take()
        if token == "!":
            return Term("!", (left,))
        head = SYNONYMS.get(token, token)
        right = self.operand(BINARY[head][2], statement=head in LOGIC)
        if head == "^" and (_literal(left) or 0).bit_length() * (_literal(right) or 0) > POWER:
            self.next = at
            self.refuse(f"a power of at most {POWER} bits before this")
        return conjunction((left, right)) if head == "and" else Term(head, (left, right))

    def chain(self, left: Tree) -> Tree:
        parts: list[Tree] = []
        while self.ahead() in RELATIONS:
            if self.ahead() == "=" and self.ahead(1) in GROWTH and self.tokens[self.next + 2][0] == "(":
                break
            relation, right = self.take(), self.operand(6)
            parts.append(Term(relation, (left, right)))
            left = right
        return conjunction(parts) if parts else self.growth(left)

    def growth(self, left: Tree) -> Tree:
        """``f = O(g) as m -> oo`` or ``f ~ g as m -> oo``, from the sign on."""
        head = self.take() if self.ahead() == "~" else self.tokens[self.next + 1][0]
        self.next += head != "~" and 2
        right = self.operand(6 if head == "~" else 99)  # a growth class is a bracket and nothing after it
        names = sorted(free(left) | free(right))
        if len(names) == 1 and self.ahead() != "as":
            return Term(head, (Variable(names[0]), left, right))
        if self.ahead() != "as" and names:
            self.refuse(f"as {names[0]} -> oo, or another of {', '.join(names)} that grows")
        self.take("as")
        variable = self.name()
        self.take("->")
        self.take("oo")
        return Term(head, (variable, left, right))

    def prefix(self) -> Tree:
        token = self.ahead()
        if token[:1].isdigit():
            return Number(Fraction(self.take()))
        if token in CONSTANTS:
            return Term(self.take())
        if token in ("(", "-", "not", "forall"):
            self.take()
        if token == "(":
            tree = self.expression()
            self.take(")")
            return tree
        if token == "-":
            return Term("neg", (self.operand(10),))
        if token == "not":
            return Term("not", (self.operand(4, statement=True),))
        if token == "forall":
            context = self.context()
            return Term("forall", (*context, self.operand(0, statement=True)))
        if not token.isidentifier() or token in RESERVED - set(RANGES):
            self.refuse("an expression")
        return self.call() if self.ahead(1) == "(" else self.name()

    def call(self) -> Tree:
        """A function of its arguments, or ``sum(i=a..b, f)``."""
        name = self.ahead()
        if name not in FUNCTIONS and name not in RANGES:
            known = (*RANGES, *FUNCTIONS)
            near = get_close_matches(name, known, n=1)
            self.refuse(f"an operator, or one of the functions {', '.join(near or known)}{', ...' if near else ''}")
        self.take()
        self.take("(")
        arguments = list(self.range()) if name in RANGES else []
        arguments.append(self.operand(6))
        while self.ahead() == ",":
            self.take()
            arguments.append(self.operand(6))
        head, count = FUNCTIONS.get(name, (name, 4))
        if (head, len(arguments)) == ("log", 1):
            head, count = "ln", 1
        while head in ("min", "max") and len(arguments) > count:
            arguments[:2] = [Term(head, tuple(arguments[:2]))]
        if len(arguments) != count:
            self.refuse(f"{count} arguments in {name}(...)")
        self.take(")")
        return Term(head, tuple(arguments))

    def range(self) -> tuple[Tree, Tree, Tree]:
        """The ``i=a..b,`` of a sum or product."""
        variable = self.name()
        self.take("=")
        low = self.operand(7)
        self.take("..")
        high = self.operand(7)
        self.take(",")
        if variable.name in free(low) | free(high):
            self.refuse(f"bounds without {variable.name} before this")
        return variable, low, high

    def context(self) -> tuple[Tree, ...]:
        """What stands between ``forall`` and its colon, colon included."""
        items, kind = list[Tree](), ""
        while not items or self.take(",", ":") == ",":
            kind = KINDS[self.take()] if self.ahead() in KINDS else kind
            bracketed = self.ahead() == "(" and self.tokens[self.closing() + 1][0] in (",", ":")
            item = self.expression(4)
            conditions = conjuncts(item) if is_statement(item) else ()
            name = item.name if isinstance(item, Variable) else subject(conditions)
            if name and not bracketed and name not in declared(items):
                items.append(Term(kind or self.refuse(f"integer or real before {name}"), (Variable(name),)))
            elif not conditions:
                self.refuse("a condition, or a new variable, before this")
            items += conditions
        return tuple(items)

    def closing(self) -> int:
        """Where the bracket that opens here is closed."""
        depth = 0
        for index in range(self.next, len(self.tokens) - 2):
            depth += {"(": 1, ")": -1}.get(self.tokens[index][0], 0)
            if depth == 0:
                return index
        return self.refuse("brackets that are closed")


def _literal(tree: Tree) -> int | None:
    """The whole number that literals and their powers write out; 2^64 for any of more than 64 bits."""
    if isinstance(tree, Number):
        return int(tree.value) if tree.value.denominator == 1 else None
    if not isinstance(tree, Term) or tree.head != "^":
        return None
    base, exponent = map(_literal, tree.arguments)
    if base is None or exponent is None:
        return None
    return base**exponent if base.bit_length() * exponent <= 64 else 1 << 64
