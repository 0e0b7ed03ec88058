"""How fast things grow: exact multiseries over a scale that is made as it is needed.

Read in this order: ``terms`` (exact sums of products of kernels), ``constants`` (their signs, by algebra or balls),
``scale`` (the functions that everything grows like), ``series`` (expansions in the fastest of them), ``elementary``
(log, exp, powers), ``special`` (Gamma, Lambert's W), ``circular``, ``rounding``, ``functions`` (how kernels expand),
``expansion`` (leading terms), ``oscillation`` (what is reached infinitely often), ``translate`` (from statements),
``claims`` (read off), ``monotone``, ``residues``, ``witness`` (numbers for people), ``decide``, ``rule``.

The method is that of Richardson, Salvy, Shackell and van der Hoeven (1996), "Asymptotic expansions of exp-log
functions". What is called zero is zero by exact algebra, and what is called nonzero has a leading coefficient that
algebra or a ball shows to be nonzero; everything else ends in Undecided, which names what could not be told.
"""
