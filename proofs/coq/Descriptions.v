(** Descriptions: why a parameter-driven algorithm must be told many bits (proofs/05-descriptions.md).

    One fixed algorithm [T] turns a bit string into a function. If it makes every member of a family from a string of
    at most [b] bits, the family has at most [2^(b+1) - 1] members; and the permutations of [m] things are [m!]. *)
From Coq Require Import List Arith Lia Permutation Factorial.
Import ListNotations.

(** All bit strings of length [n], and of length at most [b]. *)
Fixpoint strings (n : nat) : list (list bool) :=
  match n with
  | 0 => [[]]
  | S p => map (cons true) (strings p) ++ map (cons false) (strings p)
  end.

Fixpoint descriptions (b : nat) : list (list bool) :=
  match b with
  | 0 => strings 0
  | S p => descriptions p ++ strings (S p)
  end.

Lemma strings_length : forall n, length (strings n) = 2 ^ n.
Proof.
  induction n as [| n IH]; [reflexivity |].
  simpl. rewrite app_length, !map_length, IH. lia.
Qed.

Lemma strings_complete : forall d, In d (strings (length d)).
Proof.
  induction d as [| bit d IH]; [now left |].
  simpl. apply in_or_app. destruct bit; [left | right]; now apply in_map.
Qed.

(** 1 + 2 + 4 + ... + 2^b = 2^(b+1) - 1. *)
Lemma descriptions_length : forall b, length (descriptions b) + 1 = 2 ^ (b + 1).
Proof.
  induction b as [| b IH]; [reflexivity |].
  change (descriptions (S b)) with (descriptions b ++ strings (S b)).
  rewrite app_length, strings_length.
  replace (S b + 1) with (S (b + 1)) by lia. simpl (2 ^ S (b + 1)).
  replace (S b) with (b + 1) by lia. lia.
Qed.

Lemma descriptions_complete : forall b d, length d <= b -> In d (descriptions b).
Proof.
  induction b as [| b IH]; intros d short.
  - destruct d; [now left | simpl in short; lia].
  - change (In d (descriptions b ++ strings (S b))). apply in_or_app.
    destruct (le_lt_eq_dec _ _ short) as [less | same].
    + left. apply IH. lia.
    + right. rewrite <- same. apply strings_complete.
Qed.

(** The counting bound: a family without repetition, every member of which [T] makes from at most [b] bits. *)
Theorem described_families_are_small : forall (A : Type) (T : list bool -> A) (family : list A) (b : nat),
  NoDup family ->
  (forall f, In f family -> exists d, length d <= b /\ T d = f) ->
  length family + 1 <= 2 ^ (b + 1).
Proof.
  intros A T family b distinct described.
  rewrite <- descriptions_length, <- (map_length T (descriptions b)).
  apply Nat.add_le_mono_r, NoDup_incl_length; [assumption |].
  intros f inside. destruct (described f inside) as [d [short makes]].
  rewrite <- makes. apply in_map. now apply descriptions_complete.
Qed.

(** The permutations of a list: the head put into every place of the permutations of the tail. *)
Fixpoint insertions {A : Type} (x : A) (l : list A) : list (list A) :=
  match l with
  | [] => [[x]]
  | y :: rest => (x :: l) :: map (cons y) (insertions x rest)
  end.

Fixpoint permutations {A : Type} (l : list A) : list (list A) :=
  match l with
  | [] => [[]]
  | x :: rest => flat_map (insertions x) (permutations rest)
  end.

Lemma insertions_length : forall (A : Type) (x : A) l, length (insertions x l) = S (length l).
Proof. induction l; simpl; [reflexivity |]. now rewrite map_length, IHl. Qed.

Lemma insertions_permute : forall (A : Type) (x : A) l p, In p (insertions x l) -> Permutation (x :: l) p.
Proof.
  induction l as [| y l IH]; simpl; intros p [same | later].
  - now subst.
  - contradiction.
  - now subst.
  - apply in_map_iff in later. destruct later as [q [same inside]]. subst.
    rewrite perm_swap. now apply perm_skip, IH.
Qed.

Lemma permutations_permute : forall (A : Type) (l p : list A), In p (permutations l) -> Permutation l p.
Proof.
  induction l as [| x l IH]; simpl; intros p inside.
  - destruct inside; [now subst | contradiction].
  - apply in_flat_map in inside. destruct inside as [q [tail head]].
    apply Permutation_trans with (x :: q); [now apply perm_skip, IH | now apply insertions_permute].
Qed.

Lemma permutations_length : forall (A : Type) (l : list A), length (permutations l) = fact (length l).
Proof.
  induction l as [| x l IH]; [reflexivity |].
  assert (each : forall q, In q (permutations l) -> length (insertions x q) = S (length l)).
  { intros q inside. rewrite insertions_length. f_equal.
    now apply Permutation_length, Permutation_sym, permutations_permute. }
  simpl (permutations (x :: l)). simpl (fact (length (x :: l))). rewrite <- IH. clear IH.
  induction (permutations l) as [| q rest IHrest]; [simpl; lia |].
  simpl. rewrite app_length, (each q (or_introl eq_refl)).
  rewrite IHrest by (intros; apply each; now right).
  simpl. lia.
Qed.

(** Inserting the same new thing twice gives different lists, and from the lists one can read back into which. *)
Lemma insertions_distinct : forall (A : Type) (x : A) l, ~ In x l -> NoDup (insertions x l).
Proof.
  induction l as [| y l IH]; simpl; intros new.
  - constructor; [auto | constructor].
  - constructor.
    + intros again. apply in_map_iff in again. destruct again as [q [same _]].
      injection same as first _. subst. apply new. now left.
    + apply FinFun.Injective_map_NoDup; [| apply IH; tauto].
      intros p q same. now injection same.
Qed.

Lemma insertions_apart : forall (A : Type) (x : A) l k p,
  ~ In x l -> ~ In x k -> In p (insertions x l) -> In p (insertions x k) -> l = k.
Proof.
  induction l as [| y l IH]; intros k p newl newk inl ink.
  - simpl in inl. destruct inl as [same | []]. subst p.
    apply insertions_permute, Permutation_length in ink. simpl in ink.
    destruct k; [reflexivity | simpl in ink; lia].
  - simpl in inl. destruct inl as [same | later].
    + subst p. destruct k as [| z k]; simpl in ink.
      * destruct ink as [same | []]. discriminate same.
      * destruct ink as [same | more]; [injection same as first others; now subst |].
        apply in_map_iff in more. destruct more as [q [same _]].
        injection same as first _. subst. exfalso. apply newk. now left.
    + apply in_map_iff in later. destruct later as [q [same inside]]. subst p.
      destruct k as [| z k]; simpl in ink.
      * destruct ink as [same | []]. injection same as first _. subst. exfalso. apply newl. now left.
      * destruct ink as [same | more].
        -- injection same as first _. subst. exfalso. apply newl. now left.
        -- apply in_map_iff in more. destruct more as [r [same more]].
           injection same as first rest. subst. f_equal.
           apply IH with q; [intro; apply newl; now right | intro; apply newk; now right | assumption | assumption].
Qed.

Lemma distinct_app : forall (A : Type) (l k : list A),
  NoDup l -> NoDup k -> (forall x, In x l -> ~ In x k) -> NoDup (l ++ k).
Proof.
  induction l as [| x l IH]; simpl; intros k distinctl distinctk apart; [assumption |].
  inversion distinctl as [| ? ? new rest]; subst. constructor.
  - intros inside. apply in_app_or in inside. destruct inside as [again | over].
    + contradiction.
    + exact (apart x (or_introl eq_refl) over).
  - apply IH; [assumption | assumption |]. intros y inside. apply apart. now right.
Qed.

Lemma permutations_distinct : forall (A : Type) (l : list A), NoDup l -> NoDup (permutations l).
Proof.
  induction l as [| x l IH]; intros distinct; [repeat constructor; auto |].
  inversion distinct as [| ? ? new rest]; subst. specialize (IH rest). simpl.
  assert (fresh : forall q, In q (permutations l) -> ~ In x q).
  { intros q inside again. apply new. apply permutations_permute in inside.
    exact (Permutation_in x (Permutation_sym inside) again). }
  clear distinct rest new. induction (permutations l) as [| q qs IHqs]; [constructor |].
  inversion IH as [| ? ? newq distinctq]; subst. simpl. apply distinct_app.
  - apply insertions_distinct. apply fresh. now left.
  - apply IHqs; [assumption |]. intros r inside. apply fresh. now right.
  - intros p here there. apply in_flat_map in there. destruct there as [r [inside there]].
    apply newq. replace q with r; [assumption |]. symmetry.
    apply insertions_apart with x p; [apply fresh; now left | apply fresh; now right | assumption | assumption].
Qed.

(** Neural Permutation: an algorithm that makes every permutation of [m] things from at most [b] bits has m! < 2^(b+1). *)
Theorem permutations_need_bits : forall (T : list bool -> list nat) (m b : nat),
  (forall p, Permutation (seq 0 m) p -> exists d, length d <= b /\ T d = p) ->
  fact m + 1 <= 2 ^ (b + 1).
Proof.
  intros T m b makes.
  replace (fact m) with (length (permutations (seq 0 m))) by now rewrite permutations_length, seq_length.
  apply (described_families_are_small _ T); [apply permutations_distinct, seq_NoDup |].
  intros p inside. now apply makes, permutations_permute.
Qed.

(** The pairing bound, (m!)^2 >= m^m, without logarithms and without axioms (proofs/01-factorial-half.md). *)
Fixpoint columns (m k : nat) : nat :=
  match k with
  | 0 => 1
  | S p => columns m p * (S p * (m - p))
  end.

Lemma columns_factorials : forall m k, k <= m -> columns m k * fact (m - k) = fact k * fact m.
Proof.
  intros m. induction k as [| k IH]; intros small.
  - simpl. now rewrite Nat.sub_0_r.
  - specialize (IH (Nat.lt_le_incl _ _ small)).
    replace (m - k) with (S (m - S k)) in IH by lia. simpl fact in *.
    simpl columns. replace (m - k) with (S (m - S k)) by lia. nia.
Qed.

Lemma columns_large : forall m k, k <= m -> m ^ k <= columns m k.
Proof.
  intros m. induction k as [| k IH]; intros small; [reflexivity |].
  specialize (IH (Nat.lt_le_incl _ _ small)). simpl (m ^ S k). simpl columns.
  assert (m <= S k * (m - k)) by nia. nia.
Qed.

Theorem factorial_half : forall m, m ^ m <= fact m * fact m.
Proof.
  intros m. pose proof (columns_factorials m m (le_n m)) as whole.
  rewrite Nat.sub_diag in whole. simpl (fact 0) in whole. rewrite Nat.mul_1_r in whole.
  rewrite <- whole. now apply columns_large.
Qed.

(** From bits to neurons: [l] layers of [n] neurons have [l n (n + 1)] parameters, of [c] bits each. With
    [b = l c n (n + 1)] bits for every permutation of [m] things, [m^m <= 4^(b + 1)]: so
    [l c n (n + 1) >= (m / 2) log2 m - 1], which for [l c = O(1)] is [n = Omega (sqrt (m log m))]. *)
Theorem neurons_for_permutations : forall (T : list bool -> list nat) (m l c n : nat),
  (forall p, Permutation (seq 0 m) p -> exists d, length d <= l * c * (n * (n + 1)) /\ T d = p) ->
  m ^ m < 2 ^ (2 * (l * c * (n * (n + 1)) + 1)).
Proof.
  intros T m l c n makes. apply permutations_need_bits in makes.
  apply Nat.le_lt_trans with (fact m * fact m); [apply factorial_half |].
  set (bits := l * c * (n * (n + 1)) + 1) in *.
  replace (2 * bits) with (bits + bits) by lia. rewrite Nat.pow_add_r. nia.
Qed.

Print Assumptions permutations_need_bits.
Print Assumptions factorial_half.
Print Assumptions neurons_for_permutations.
