"""The trusted part of supverify for bounds: statements, derivations and the rules that need no outside tool.

Like the kernel it uses the standard library and exact integers and fractions only, never searches and keeps no state;
of the kernel it uses the refusals and the verdict. Read in this order (it is also the import order): ``statement``,
``grammar``, ``arithmetic``, ``facts``, ``axioms``, ``derivation``, ``audit``, ``finite``, ``rules``.
"""
