"""Tokens to a tree: a Pratt parser for the expression grammar of CEL, without maps and messages."""

from __future__ import annotations

from diagnose.expressions.lexer import Token, TokenKind, tokenize, write
from diagnose.expressions.problems import ExpressionErrors, refuse
from diagnose.expressions.syntax import (
    Binary,
    Call,
    Conditional,
    Identifier,
    Index,
    ListLiteral,
    Literal,
    Logical,
    Node,
    Select,
    Unary,
    deeper_than,
)
from diagnose.messages import Message, message

DEPTH_LIMIT = 40
"""Levels of a condition, counted in brackets and in operators."""

_PRECEDENCE = {"||": 1, "&&": 2}
_PRECEDENCE |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3)
_PRECEDENCE |= dict.fromkeys(("+", "-"), 4)
_PRECEDENCE |= dict.fromkeys(("*", "/", "%"), 5)
_CONSTANTS = {"true": True, "false": False, "null": None}
# fmt: off
_RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "namespace",
    "package", "return", "var", "void", "while",
})
# fmt: on
_OTHER_LANGUAGES = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "None": "null",
    "nil": "null",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
}
_INT_LIMIT = 2**63


def parse(source: str) -> Node:
    """The tree of `source`. Raises `ExpressionErrors` with the first problem."""
    parser = _Parser(tokenize(source))
    root = parser.expression()
    if parser.token.kind is not TokenKind.END:
        raise parser.unexpected()
    deep = deeper_than(root, DEPTH_LIMIT)
    if deep is not None:
        raise _too_deep(deep.start)
    return root


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0
        self.token = tokens[0]

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise _too_deep(self.token.start)
        node = self._binary(1)
        if self.token.text == "?":
            self._advance()
            then = self._binary(1)
            self._expect(":")
            otherwise = self.expression()
            node = Conditional(node.start, otherwise.end, node, then, otherwise)
        self._depth -= 1
        return node

    def unexpected(self) -> ExpressionErrors:
        token = self.token
        if token.kind is TokenKind.END:
            return refuse(token.start, message("expr-unexpected-end" if self._position else "expr-empty"))
        return refuse(token.start, message("expr-unexpected", _slip(token), found=token.text))

    def _advance(self) -> Token:
        token = self.token
        self._position += 1
        self.token = self._tokens[self._position]
        return token

    def _expect(self, text: str) -> Token:
        token = self.token
        if token.text == text:
            return self._advance()
        if token.kind is TokenKind.END:
            raise refuse(token.start, message("expr-expected-end", expected=text))
        raise refuse(token.start, message("expr-expected", _slip(token), expected=text, found=token.text))

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while True:
            operator = self.token
            precedence = _PRECEDENCE.get(operator.text, 0)
            if precedence < lowest:
                return left
            if operator.text in ("&&", "||"):
                left = self._chain(left, operator.text, precedence)
                continue
            self._advance()
            right = self._binary(precedence + 1)
            left = Binary(left.start, right.end, operator.text, operator.start, left, right)

    def _chain(self, first: Node, operator: str, precedence: int) -> Node:
        terms = [first]
        while self.token.text == operator:
            self._advance()
            terms.append(self._binary(precedence + 1))
        return Logical(first.start, terms[-1].end, operator, tuple(terms))

    def _unary(self) -> Node:
        if self.token.text not in ("!", "-"):
            return self._postfix(self._primary())
        signs = []
        while self.token.text in ("!", "-"):
            signs.append(self._advance())
        if signs[-1].text == "-" and self.token.kind is TokenKind.NUMBER:
            node = self._postfix(self._number(signs.pop()))
        else:
            node = self._postfix(self._primary())
        for sign in reversed(signs):
            node = Unary(sign.start, node.end, sign.text, node)
        return node

    def _postfix(self, node: Node) -> Node:
        while True:
            if self.token.text == ".":
                self._advance()
                node = self._member(node)
            elif self.token.text == "[":
                self._advance()
                index = self.expression()
                node = Index(node.start, self._expect("]").end, node, index)
            else:
                return node

    def _member(self, operand: Node) -> Node:
        token = self.token
        if token.kind is not TokenKind.NAME or token.text in _CONSTANTS or token.text == "in":
            raise refuse(token.start, message("expr-expected-name"))
        self._advance()
        if self.token.text != "(":
            return Select(operand.start, token.end, operand, token.text)
        arguments, end = self._arguments()
        return Call(operand.start, end, token.text, token.start, operand, arguments)

    def _arguments(self) -> tuple[tuple[Node, ...], int]:
        self._expect("(")
        arguments: list[Node] = []
        if self.token.text != ")":
            arguments.append(self.expression())
            while self.token.text == ",":
                self._advance()
                arguments.append(self.expression())
        return tuple(arguments), self._expect(")").end

    def _primary(self) -> Node:
        token = self.token
        if token.kind is TokenKind.NAME:
            return self._name()
        if token.kind is TokenKind.STRING:
            self._advance()
            return Literal(token.start, token.end, token.value)
        if token.kind is TokenKind.NUMBER:
            return self._number(None)
        if token.text == "(":
            self._advance()
            node = self.expression()
            self._expect(")")
            return node
        if token.text == "[":
            return self._list()
        raise self.unexpected()

    def _name(self) -> Node:
        token = self.token
        if token.text in _CONSTANTS:
            self._advance()
            return Literal(token.start, token.end, _CONSTANTS[token.text])
        if token.text in _OTHER_LANGUAGES:
            raise self.unexpected()
        if token.text in _RESERVED:
            raise refuse(token.start, message("expr-reserved-word", word=token.text))
        self._advance()
        if self.token.text != "(":
            return Identifier(token.start, token.end, token.text)
        arguments, end = self._arguments()
        return Call(token.start, end, token.text, token.start, None, arguments)

    def _number(self, sign: Token | None) -> Node:
        token = self._advance()
        value = token.value
        assert not isinstance(value, str)  # noqa: S101 - the lexer gives numbers a number
        if sign is not None:
            value = -value
        if isinstance(value, int) and not -_INT_LIMIT <= value < _INT_LIMIT:
            raise refuse(token.start, message("expr-bad-number", text=token.text))
        return Literal(token.start if sign is None else sign.start, token.end, value)

    def _list(self) -> Node:
        opening = self._advance()
        items: list[Node] = []
        while self.token.text != "]":
            items.append(self.expression())
            if self.token.text != ",":
                break
            self._advance()
        return ListLiteral(opening.start, self._expect("]").end, tuple(items))


def _slip(token: Token) -> Message | None:
    """The hint for a word that means something in another language."""
    meant = _OTHER_LANGUAGES.get(token.text)
    return None if meant is None else write(meant)


def _too_deep(offset: int) -> ExpressionErrors:
    return refuse(offset, message("expr-too-deep", limit=DEPTH_LIMIT))
