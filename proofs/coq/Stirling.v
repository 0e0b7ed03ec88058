(** Stirling's lower bound with its constant, m ln m - m <= ln m!, over the reals (proofs/02-stirling.md).

    Rests on the axioms of Coq's classical real numbers, which the last line prints. *)
From Coq Require Import Reals Lra Factorial Arith.
Open Scope R_scope.

(** The logarithm lies below its tangents: y (ln x - ln y) <= x - y. *)
Lemma tangent : forall x y, 0 < y -> y < x -> y * (ln x - ln y) <= x - y.
Proof.
  intros x y positive more.
  assert (ln (x / y) < x / y - 1).
  { rewrite <- (ln_exp (x / y - 1)). apply ln_increasing.
    - apply Rdiv_lt_0_compat; lra.
    - replace (x / y) with (1 + (x / y - 1)) at 1 by lra. apply exp_ineq1.
      apply Rgt_not_eq. enough (1 < x / y) by lra.
      apply Rmult_lt_reg_r with y; [assumption |].
      replace (x / y * y) with x by (field; lra). lra. }
  replace (ln x - ln y) with (ln (x / y)).
  2: { unfold Rdiv. rewrite ln_mult, ln_Rinv by (try apply Rinv_0_lt_compat; lra). ring. }
  replace (x - y) with (y * (x / y - 1)) by (field; lra).
  apply Rmult_le_compat_l; lra.
Qed.

Theorem stirling_below : forall m, INR (S m) * ln (INR (S m)) - INR (S m) <= ln (INR (fact (S m))).
Proof.
  induction m as [| m IH].
  - simpl. rewrite ln_1. lra.
  - replace (fact (S (S m))) with (S (S m) * fact (S m))%nat by reflexivity.
    rewrite mult_INR, ln_mult by (apply lt_0_INR; apply Nat.lt_0_succ || apply lt_O_fact).
    rewrite (S_INR (S m)) in *.
    pose proof (tangent (INR (S m) + 1) (INR (S m))) as below.
    assert (0 < INR (S m)) by (apply lt_0_INR; apply Nat.lt_0_succ).
    specialize (below ltac:(lra) ltac:(lra)). lra.
Qed.

(** In bits: m log2 m - m log2 e <= log2 m!, where log2 x = ln x / ln 2. *)
Definition log2 (x : R) : R := ln x / ln 2.

Theorem stirling_bits : forall m,
  INR (S m) * log2 (INR (S m)) - INR (S m) * log2 (exp 1) <= log2 (INR (fact (S m))).
Proof.
  intros m. unfold log2. rewrite ln_exp.
  assert (0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  replace (INR (S m) * (ln (INR (S m)) / ln 2) - INR (S m) * (1 / ln 2))
    with ((INR (S m) * ln (INR (S m)) - INR (S m)) / ln 2) by (field; lra).
  apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat | apply stirling_below].
Qed.

Print Assumptions stirling_bits.
