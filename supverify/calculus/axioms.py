"""The elementary facts about real functions that derivations may use without a proof: all of them, by name."""

from __future__ import annotations

AXIOMS = {
    "factorial.step": "forall integer n >= 1: n! = n*(n - 1)!",
    "factorial.positive": "forall integer n >= 0: n! >= 1",
    "binom.factorials": "forall integers n >= 0, 0 <= k <= n: binom(n, k)*k!*(n - k)! = n!",
    "binom.positive": "forall integers n >= 0, 0 <= k <= n: binom(n, k) >= 1",
    "power.step": "forall real x > 0, y: x^(y + 1) = x*x^y",
    "power.monotone": "forall real y >= 0, x >= y, integer n >= 0: x^n >= y^n",
    "real.inverse": "forall real x > 0: x*(1/x) = 1",
    "order.cancel": "forall real c > 0, x, y, c*x >= c*y: x >= y",
    "sqrt.square": "forall real x >= 0: sqrt(x)^2 = x",
    "sqrt.of-square": "forall real x >= 0: sqrt(x^2) = x",
    "sqrt.product": "forall real x >= 0, y >= 0: sqrt(x*y) = sqrt(x)*sqrt(y)",
    "sqrt.monotone": "forall real y >= 0, x >= y: sqrt(x) >= sqrt(y)",
    "sqrt.increasing": "forall real y >= 0, x > y: sqrt(x) > sqrt(y)",
    "exp.tangent": "forall real x: exp(x) >= 1 + x",
    "log2.base": "forall real x > 0: log2(x)*ln(2) = ln(x)",
} | {
    f"{log}.{name}": statement.replace("log(", f"{log}(")
    for log in ("ln", "log2")
    for name, statement in {
        "product": "forall real x > 0, y > 0: log(x*y) = log(x) + log(y)",
        "factorial": "forall integer n >= 1: log(n!) = log(n) + log((n - 1)!)",
        "power": "forall real x > 0, y: log(x^y) = y*log(x)",
        "monotone": "forall real y > 0, x >= y: log(x) >= log(y)",
        "increasing": "forall real y > 0, x > y: log(x) > log(y)",
        "tangent": "forall real x > 0, y > 0: y*(log(x) - log(y)) <= (x - y)*log(e)",
    }.items()
}
