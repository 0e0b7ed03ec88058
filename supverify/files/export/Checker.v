(** A checker for claims about integer networks on k-sparse inputs, with the proof that it is right.

    The first part says what a claim means, in Z, and is all that has to be read to know what a theorem says. The
    second part computes the same in 63-bit machine words, and proves that no step leaves their range wherever the
    order of numbers matters (ReLU and the final reading); additions and multiplications are exact modulo 2^63.
    [sound] at the end: where [check] answers true, the claim holds. Coq 8.16; see supverify/files/export/coq.py. *)

From Coq Require Import Bool List ZArith Lia Uint63.
Import ListNotations.
Open Scope Z_scope.

(** * What is claimed *)

(** z_r = (row r of the weights) . x + (bias r), then max(0, z_r) where [relu]. *)
Record layer := Layer { weights : list (list Z); biases : list Z; relu : bool }.

Fixpoint dot (w x : list Z) : Z :=
  match w, x with a :: w, b :: x => a * b + dot w x | _, _ => 0 end.

Fixpoint affine (rows : list (list Z)) (b x : list Z) : list Z :=
  match rows, b with row :: rows, c :: b => dot row x + c :: affine rows b x | _, _ => [] end.

Definition activate (positive : bool) (z : list Z) : list Z := if positive then map (Z.max 0) z else z.

Fixpoint propagate (net : list layer) (x : list Z) : list Z :=
  match net with [] => x | l :: net => propagate net (activate (relu l) (affine (weights l) (biases l) x)) end.

Definition evaluate (net : list layer) (y : list bool) : list Z := propagate net (map Z.b2z y).

Definition ones (y : list bool) : nat := length (filter (fun b => b) y).

(** An output has to be the OR of clauses, each the AND of the inputs that it lists. *)
Definition holds (y : list bool) (target : list (list N)) : bool :=
  existsb (forallb (fun a => nth (N.to_nat a) y false)) target.

(** How an output a = z / scale is read, for the threshold t / d and the slack s / d:
    [Strict] a > t/d iff true; [NonStrict] a >= t/d iff true; [Separated] a >= (t+s)/d if true, a <= (t-s)/d if not;
    [Linear] |a - truth| <= s/d. *)
Inductive reading := Strict | NonStrict | Separated | Linear.

Record criterion := Criterion { kind : reading; denominator : Z; threshold : Z; slack : Z; scale : Z }.

Definition right (c : criterion) (truth : bool) (z : Z) : bool :=
  match kind c with
  | Strict => Bool.eqb (threshold c * scale c <? denominator c * z) truth
  | NonStrict => Bool.eqb (threshold c * scale c <=? denominator c * z) truth
  | Separated => if truth then (threshold c + slack c) * scale c <=? denominator c * z else denominator c * z <=? (threshold c - slack c) * scale c
  | Linear => Z.abs (denominator c * z - denominator c * scale c * Z.b2z truth) <=? slack c * scale c
  end.

Record claim := Claim {
  network : list layer; inputs : nat; targets : list (list (list N)); sparsity : nat; exactly_so : bool; read : criterion }.

Definition admissible (c : claim) (y : list bool) : Prop :=
  length y = inputs c /\ if exactly_so c then ones y = sparsity c else (ones y <= sparsity c)%nat.

(** On every admissible input there are as many outputs as targets, and each is read rightly. *)
Definition correct (c : claim) : Prop :=
  forall y, admissible c y ->
  Forall2 (fun z target => right (read c) (holds y target) z = true) (evaluate (network c) y) (targets c).

(** * The same in words of 63 bits *)

Definition word : Z -> int := Uint63.of_Z.
Definition Half : Z := 4611686018427387904. (* 2^62 *)
Definition half : int := 4611686018427387904%uint63.

Definition positive_part (w : int) : int := if (w <? half)%uint63 then w else 0%uint63.

Fixpoint add_multiple (x : int) (column acc : list int) : list int :=
  match column, acc with
  | a :: column, v :: acc => (v + x * a)%uint63 :: add_multiple x column acc
  | _, _ => []
  end.

Fixpoint columns (width : nat) (rows : list (list Z)) : list (list int) :=
  match width with
  | O => []
  | S width => map word (map (hd 0) rows) :: columns width (map (@tl Z) rows)
  end.

Fixpoint product (cols : list (list int)) (x acc : list int) : list int :=
  match cols, x with
  | column :: cols, v :: x => product cols x (if (v =? 0)%uint63 then acc else add_multiple v column acc)
  | _, _ => acc
  end.

Record prepared := Prepared { layer_columns : list (list int); layer_start : list int; layer_relu : bool }.

Fixpoint prepare (width : nat) (net : list layer) : list prepared :=
  match net with
  | [] => []
  | l :: net => Prepared (columns width (weights l)) (map word (biases l)) (relu l) :: prepare (length (biases l)) net
  end.

Definition activate_words (b : bool) (z : list int) : list int := if b then map positive_part z else z.

Fixpoint forward (net : list prepared) (x : list int) : list int :=
  match net with [] => x | l :: net => forward net (activate_words (layer_relu l) (product (layer_columns l) x (layer_start l))) end.

(** The [low, high] in which d * z is right for an output of the given truth; z is far from the ends of the words. *)
Definition window (c : criterion) (truth : bool) : Z * Z :=
  let level := threshold c * scale c in
  match kind c with
  | Strict => if truth then (level + 1, Half - 1) else (- Half, level)
  | NonStrict => if truth then (level, Half - 1) else (- Half, level - 1)
  | Separated => if truth then ((threshold c + slack c) * scale c, Half - 1) else (- Half, (threshold c - slack c) * scale c)
  | Linear => (denominator c * scale c * Z.b2z truth - slack c * scale c, denominator c * scale c * Z.b2z truth + slack c * scale c)
  end.

Definition in_range (z : Z) : bool := (- Half <=? z) && (z <? Half).
Definition window_in_range (w : Z * Z) : bool := in_range (fst w) && in_range (snd w).

Definition shifted (z : Z) : int := (word z + half)%uint63.
Definition inside (low high v : int) : bool := if (low <=? v)%uint63 then (v <=? high)%uint63 else false.

(** Whether an output has to be true when the inputs [on] are. *)
Definition holds_words (on : list int) (target : list (list int)) : bool :=
  existsb (forallb (fun a => existsb (fun b => (a =? b)%uint63) on)) target.

Definition target_words (target : list (list N)) : list (list int) := map (map (fun a => word (Z.of_N a))) target.

Fixpoint judge (dw lf hf lt ht : int) (on : list int) (z : list int) (ts : list (list (list int))) : bool :=
  match z, ts with
  | [], [] => true
  | z :: zs, t :: ts =>
    let v := (dw * z + half)%uint63 in
    if (if holds_words on t then inside lt ht v else inside lf hf v) then judge dw lf hf lt ht on zs ts else false
  | _, _ => false
  end.

(** Every input with at most (exactly) [budget] further ones; [acc] is the first layer's sum so far, [on] its ones. *)
Fixpoint search (leaf : list int -> list int -> bool) (exactly : bool)
    (cols : list (list int)) (acc : list int) (budget : nat) (on : list int) (j : int) : bool :=
  match budget with
  | O => leaf acc on
  | S less =>
    match cols with
    | [] => if exactly then true else leaf acc on
    | column :: cols =>
      if search leaf exactly cols acc budget on (j + 1)%uint63
      then search leaf exactly cols (add_multiple 1 column acc) less (j :: on) (j + 1)%uint63
      else false
    end
  end.

(** No value of the network leaves the words, and its shapes fit: [b] bounds the values before it. *)
Fixpoint fits (d : Z) (net : list layer) (b : list Z) : bool :=
  match net with
  | [] => forallb (fun v => d * v <? Half) b
  | l :: net =>
    let z := affine (map (map Z.abs) (weights l)) (map Z.abs (biases l)) b in
    (length (weights l) =? length (biases l))%nat
    && forallb (fun row => (length row =? length b)%nat) (weights l)
    && forallb (fun v => v <? Half) z
    && fits d net z
  end.

Definition check (c : claim) : bool :=
  let r := read c in
  let ts := map target_words (targets c) in
  let '(lf, hf) := window r false in
  let '(lt, ht) := window r true in
  if (0 <? denominator r) && (Z.of_nat (inputs c) <? Half)
     && window_in_range (lf, hf) && window_in_range (lt, ht)
     && forallb (forallb (forallb (fun a => Z.of_N a <? Z.of_nat (inputs c)))) (targets c)
     && fits (denominator r) (network c) (repeat 1 (inputs c))
  then match prepare (inputs c) (network c) with
       | [] => false
       | l :: rest =>
         let dw := word (denominator r) in
         let '(lf, hf, lt, ht) := (shifted lf, shifted hf, shifted lt, shifted ht) in
         search (fun acc on => judge dw lf hf lt ht on (forward rest (activate_words (layer_relu l) acc)) ts)
                (exactly_so c) (layer_columns l) (layer_start l) (sparsity c) [] 0%uint63
       end
  else false.

(** * Words are integers modulo 2^63 *)

Lemma wB_twice : wB = 2 * Half.
Proof. reflexivity. Qed.

Lemma word_spec z : to_Z (word z) = z mod wB.
Proof. apply of_Z_spec. Qed.

Lemma word_add a b : word (a + b) = (word a + word b)%uint63.
Proof. apply to_Z_inj. rewrite add_spec, !word_spec. apply Z.add_mod. discriminate. Qed.

Lemma word_mul a b : word (a * b) = (word a * word b)%uint63.
Proof. apply to_Z_inj. rewrite mul_spec, !word_spec. apply Z.mul_mod. discriminate. Qed.

Lemma word_injective a b : 0 <= a < wB -> 0 <= b < wB -> word a = word b -> a = b.
Proof.
  intros Ha Hb H. apply (f_equal to_Z) in H. rewrite !word_spec in H.
  rewrite !Z.mod_small in H by assumption. exact H.
Qed.

Lemma half_spec : to_Z half = Half.
Proof. reflexivity. Qed.

Lemma word_positive_part z : Z.abs z < Half -> positive_part (word z) = word (Z.max 0 z).
Proof.
  intros H. unfold positive_part. pose proof wB_twice as W.
  destruct (Z.le_gt_cases 0 z) as [P | N].
  - rewrite Z.max_r by assumption.
    replace (word z <? half)%uint63 with true; [reflexivity |].
    symmetry. apply ltb_spec. rewrite word_spec, half_spec, Z.mod_small; lia.
  - rewrite Z.max_l by lia.
    replace (word z <? half)%uint63 with false; [reflexivity |].
    symmetry. apply not_true_is_false. intros C. apply ltb_spec in C. rewrite word_spec, half_spec in C.
    replace (z mod wB) with (z + wB) in C; [lia |].
    apply Z.mod_unique with (q := -1); lia.
Qed.

Lemma shifted_spec z : in_range z = true -> to_Z (shifted z) = z + Half.
Proof.
  unfold in_range. intros H. apply andb_prop in H. destruct H as [L U].
  apply Z.leb_le in L. apply Z.ltb_lt in U. pose proof wB_twice as W.
  unfold shifted. change half with (word Half). rewrite <- word_add, word_spec. apply Z.mod_small. lia.
Qed.

Lemma inside_spec low high z :
  in_range low = true -> in_range high = true -> in_range z = true ->
  inside (shifted low) (shifted high) (shifted z) = true -> low <= z <= high.
Proof.
  intros L H Z I. unfold inside in I.
  destruct (shifted low <=? shifted z)%uint63 eqn:E; [| discriminate].
  apply leb_spec in E. apply leb_spec in I. rewrite !shifted_spec in E, I by assumption. lia.
Qed.

(** * Products *)

Fixpoint bump (x : Z) (column a : list Z) : list Z :=
  match column, a with h :: column, v :: a => v + x * h :: bump x column a | _, _ => [] end.

(** Induction on two lists of which a premise, if there is one, says that they are equally long. *)
Ltac in_step l a IH :=
  revert a; induction l as [| h l IH]; intros [| v a]; simpl; intros; try reflexivity; try discriminate; rewrite ?IH by lia.

Lemma add_multiple_spec x column a :
  add_multiple (word x) (map word column) (map word a) = map word (bump x column a).
Proof.
  in_step column a IH. rewrite word_add, word_mul. reflexivity.
Qed.

Lemma add_nothing column acc : length column = length acc -> add_multiple 0 column acc = acc.
Proof.
  in_step column acc IH. f_equal. apply to_Z_inj. rewrite add_spec, mul_spec.
  change (to_Z 0) with 0. rewrite Z.mul_0_l, Z.mod_0_l, Z.add_0_r by discriminate.
  apply Z.mod_small, to_Z_bounded.
Qed.

Lemma bump_length x column a : length column = length a -> length (bump x column a) = length a.
Proof.
  in_step column a IH. reflexivity.
Qed.

Lemma dot_nil_right w : dot w [] = 0.
Proof. destruct w; reflexivity. Qed.

Lemma affine_nil rows a : length rows = length a -> affine rows a [] = a.
Proof.
  in_step rows a IH. rewrite dot_nil_right. reflexivity.
Qed.

Lemma affine_cons rows a x xs :
  affine (map (@tl Z) rows) (bump x (map (hd 0) rows) a) xs = affine rows a (x :: xs).
Proof.
  in_step rows a IH. f_equal. destruct h; simpl; lia.
Qed.

Lemma affine_length rows a x : length rows = length a -> length (affine rows a x) = length a.
Proof.
  in_step rows a IH. reflexivity.
Qed.

Lemma product_spec x : forall rows a, length rows = length a ->
  product (columns (length x) rows) (map word x) (map word a) = map word (affine rows a x).
Proof.
  induction x as [| v x IH]; intros rows a H; simpl.
  - rewrite affine_nil by assumption. reflexivity.
  - assert (L : length (map (hd 0) rows) = length a) by (rewrite map_length; assumption).
    replace (if (word v =? 0)%uint63 then map word a else add_multiple (word v) (map word (map (hd 0) rows)) (map word a))
      with (map word (bump v (map (hd 0) rows) a)).
    + rewrite IH by (rewrite map_length, bump_length; assumption). rewrite affine_cons. reflexivity.
    + rewrite <- add_multiple_spec. destruct (word v =? 0)%uint63 eqn:E; [| reflexivity].
      apply eqb_spec in E. rewrite E. apply add_nothing. rewrite !map_length in *. assumption.
Qed.

(** * Magnitudes *)

Definition bounded : list Z -> list Z -> Prop := Forall2 (fun z b => Z.abs z <= b).

Lemma dot_bounded row x b : bounded x b -> Z.abs (dot row x) <= dot (map Z.abs row) b.
Proof.
  intros H. revert row. induction H as [| z c x b Hz H IH]; intros [| a row]; simpl; try lia.
  specialize (IH row). assert (Z.abs (a * z) <= Z.abs a * c); [| lia].
  rewrite Z.abs_mul. apply Z.mul_le_mono_nonneg_l; lia.
Qed.

Lemma affine_bounded rows a x b :
  bounded x b -> bounded (affine rows a x) (affine (map (map Z.abs) rows) (map Z.abs a) b).
Proof.
  intros H. revert a. induction rows as [| row rows IH]; intros [| c a]; simpl; try constructor.
  - pose proof (dot_bounded row x b H). lia.
  - apply IH.
Qed.

Lemma activate_bounded positive z b : bounded z b -> bounded (activate positive z) b.
Proof.
  destruct positive; intros H; [| exact H]. simpl.
  induction H; simpl; constructor; [lia | assumption].
Qed.

Lemma activate_spec positive z b :
  bounded z b -> forallb (fun v => v <? Half) b = true ->
  activate_words positive (map word z) = map word (activate positive z).
Proof.
  destruct positive; simpl; intros H F; [| reflexivity].
  induction H as [| v c z b Hv H IH]; simpl in *; [reflexivity |].
  apply andb_prop in F. destruct F as [F1 F2]. apply Z.ltb_lt in F1.
  rewrite word_positive_part by lia. rewrite IH by assumption. reflexivity.
Qed.

Lemma activate_length positive z : length (activate positive z) = length z.
Proof. destruct positive; simpl; [apply map_length | reflexivity]. Qed.

(** The words that the network computes are the values modulo 2^63, and the values stay small. *)
Lemma forward_spec d net : forall x b, bounded x b -> fits d net b = true ->
  forward (prepare (length x) net) (map word x) = map word (propagate net x)
  /\ Forall (fun z => d > 0 -> d * Z.abs z < Half) (propagate net x).
Proof.
  induction net as [| l net IH]; intros x b B F; simpl in *.
  - split; [reflexivity |]. induction B as [| z c x b Hz B IHB]; simpl in *; constructor.
    + intros P. apply andb_prop in F. destruct F as [F _]. apply Z.ltb_lt in F. nia.
    + apply IHB. apply andb_prop in F. apply F.
  - apply andb_prop in F. destruct F as [F Fnet]. apply andb_prop in F. destruct F as [F Fz].
    apply andb_prop in F. destruct F as [Fl _]. apply Nat.eqb_eq in Fl.
    rewrite product_spec by assumption.
    pose proof (affine_bounded (weights l) (biases l) x b B) as Z.
    rewrite (activate_spec _ _ _ Z Fz).
    replace (length (biases l)) with (length (activate (relu l) (affine (weights l) (biases l) x)))
      by (rewrite activate_length; apply affine_length; assumption).
    apply IH with (1 := activate_bounded _ _ _ Z) (2 := Fnet).
Qed.

(** * Truth *)

Fixpoint collect (j : int) (y : list bool) (on : list int) : list int :=
  match y with [] => on | b :: y => collect (j + 1) y (if b then j :: on else on) end.

Definition index (a : nat) : int := word (Z.of_nat a).

Lemma index_next j : index (S j) = (index j + 1)%uint63.
Proof. unfold index. rewrite Nat2Z.inj_succ, <- Z.add_1_r, word_add. reflexivity. Qed.

Lemma index_eqb a b : Z.of_nat a < Half -> Z.of_nat b < Half -> (index a =? index b)%uint63 = (a =? b)%nat.
Proof.
  intros A B. apply eq_iff_eq_true. rewrite eqb_spec, Nat.eqb_eq. split; [| congruence].
  intros E. apply word_injective in E; pose proof wB_twice; lia.
Qed.

Lemma collect_spec a (A : Z.of_nat a < Half) : forall y j on, Z.of_nat (j + length y) < Half ->
  existsb (fun b => (index a =? b)%uint63) (collect (index j) y on)
  = existsb (fun b => (index a =? b)%uint63) on || (if (j <=? a)%nat then nth (a - j) y false else false).
Proof.
  induction y as [| b y IH]; intros j on L; simpl in *.
  - destruct (j <=? a)%nat; [destruct (a - j)%nat |]; rewrite orb_false_r; reflexivity.
  - rewrite <- index_next, IH by (simpl; lia).
    assert (Step : existsb (fun c => (index a =? c)%uint63) (if b then index j :: on else on)
                = (b && (a =? j)%nat) || existsb (fun c => (index a =? c)%uint63) on).
    { destruct b; simpl; [rewrite index_eqb by lia |]; reflexivity. }
    rewrite Step. destruct (Nat.eq_dec a j) as [-> | N].
    + rewrite Nat.eqb_refl, Nat.leb_refl, Nat.sub_diag, andb_true_r.
      replace (S j <=? j)%nat with false by (symmetry; apply Nat.leb_gt; lia).
      rewrite orb_false_r. apply orb_comm.
    + apply Nat.eqb_neq in N. rewrite N, andb_false_r, orb_false_l. f_equal. apply Nat.eqb_neq in N.
      destruct (j <=? a)%nat eqn:E.
      * apply Nat.leb_le in E. replace (S j <=? a)%nat with true by (symmetry; apply Nat.leb_le; lia).
        replace (a - j)%nat with (S (a - S j)) by lia. reflexivity.
      * apply Nat.leb_gt in E. replace (S j <=? a)%nat with false by (symmetry; apply Nat.leb_gt; lia). reflexivity.
Qed.

Lemma holds_spec y target :
  Z.of_nat (length y) < Half ->
  forallb (forallb (fun a => Z.of_N a <? Z.of_nat (length y))) target = true ->
  holds_words (collect 0 y []) (target_words target) = holds y target.
Proof.
  intros L R. unfold holds_words, holds, target_words.
  induction target as [| clause target IH]; simpl in *; [reflexivity |].
  apply andb_prop in R. destruct R as [R1 R2]. rewrite IH by assumption. f_equal. clear IH R2.
  induction clause as [| a clause IH]; simpl in *; [reflexivity |].
  apply andb_prop in R1. destruct R1 as [A R]. rewrite IH by assumption. f_equal. apply Z.ltb_lt in A.
  change 0%uint63 with (index 0). replace (word (Z.of_N a)) with (index (N.to_nat a))
    by (unfold index; rewrite N_nat_Z; reflexivity).
  rewrite collect_spec by (simpl; rewrite ?N_nat_Z; lia). simpl. rewrite Nat.sub_0_r. reflexivity.
Qed.

(** * The search covers every admissible input *)

Lemma search_sound leaf exactly : forall cols acc budget on j,
  search leaf exactly cols acc budget on j = true ->
  forall y, length y = length cols -> (if exactly then ones y = budget else (ones y <= budget)%nat) ->
  leaf (product cols (map word (map Z.b2z y)) acc) (collect j y on) = true.
Proof.
  assert (None : forall cols y acc j on, ones y = 0%nat ->
    product cols (map word (map Z.b2z y)) acc = acc /\ collect j y on = on).
  { intros cols y. revert cols. induction y as [| [] y IH]; intros cols acc j on O.
    - destruct cols; split; reflexivity.
    - discriminate O.
    - destruct cols as [| c cols]; simpl; [| apply IH; exact O].
      destruct (IH [] acc (j + 1)%uint63 on O) as [_ Same]. rewrite Same. split; reflexivity. }
  intros cols; induction cols as [| c cols IH]; intros acc budget on j Found y L B.
  - destruct y; [| discriminate]. simpl. destruct budget; [exact Found |].
    simpl in Found. destruct exactly; [discriminate | exact Found].
  - destruct budget as [| less].
    + assert (O : ones y = 0%nat) by (destruct exactly; lia). simpl in Found.
      destruct (None (c :: cols) y acc j on O) as [-> ->]. exact Found.
    + destruct y as [| b y]; [discriminate |]. simpl in Found, L.
      destruct (search leaf exactly cols acc (S less) on (j + 1)%uint63) eqn:E; [| discriminate].
      destruct b; unfold ones in B; simpl in B.
      * apply (IH _ _ _ _ Found y); [lia |]. destruct exactly; unfold ones; lia.
      * apply (IH _ _ _ _ E y); [lia |]. exact B.
Qed.

Lemma window_right c truth z :
  let '(low, high) := window c truth in low <= denominator c * z <= high -> right c truth z = true.
Proof.
  unfold window, right.
  destruct (kind c), truth; simpl Z.b2z; intros H; rewrite ?Bool.eqb_true_iff;
    rewrite ?Z.ltb_lt, ?Z.ltb_ge, ?Z.leb_le, ?Z.leb_gt; lia.
Qed.

Lemma judge_sound c y on : forall z ts,
  0 < denominator c ->
  window_in_range (window c false) = true -> window_in_range (window c true) = true ->
  (forall target, In target ts -> holds_words on (target_words target) = holds y target) ->
  Forall (fun z => denominator c > 0 -> denominator c * Z.abs z < Half) z ->
  judge (word (denominator c)) (shifted (fst (window c false))) (shifted (snd (window c false)))
    (shifted (fst (window c true))) (shifted (snd (window c true))) on (map word z) (map target_words ts) = true ->
  Forall2 (fun z target => right c (holds y target) z = true) z ts.
Proof.
  intros z ts P WF WT. revert ts.
  induction z as [| v z IH]; intros [| target ts] T F J; simpl in J; try discriminate; constructor.
  - inversion F as [| ? ? V _ ]; subst. rewrite (T target) in J by (left; reflexivity).
    assert (R : in_range (denominator c * v) = true).
    { unfold in_range. apply andb_true_intro. rewrite Z.leb_le, Z.ltb_lt.
      assert (denominator c * Z.abs v < Half) by (apply V; lia).
      rewrite <- (Z.abs_eq (denominator c)), <- Z.abs_mul in H by lia. lia. }
    rewrite <- word_mul in J. fold (shifted (denominator c * v)) in J.
    pose proof (window_right c (holds y target) v) as Q.
    unfold window_in_range in WF, WT. apply andb_prop in WF, WT.
    destruct (holds y target).
    + destruct (window c true) as [low high]; simpl in *. apply Q.
      destruct (inside (shifted low) (shifted high) (shifted (denominator c * v))) eqn:I; [| discriminate].
      apply inside_spec; tauto.
    + destruct (window c false) as [low high]; simpl in *. apply Q.
      destruct (inside (shifted low) (shifted high) (shifted (denominator c * v))) eqn:I; [| discriminate].
      apply inside_spec; tauto.
  - apply IH.
    + intros target' I. apply T. right. exact I.
    + inversion F; assumption.
    + match type of J with (if ?b then _ else _) = _ => destruct b end; [exact J | discriminate].
Qed.

(** * The checker is right *)

Theorem sound c : check c = true -> correct c.
Proof.
  unfold check, correct, admissible. intros C y [L B].
  destruct (window (read c) false) as [lf hf] eqn:WF, (window (read c) true) as [lt ht] eqn:WT.
  match type of C with (if ?b then _ else _) = _ => destruct b eqn:G end; [| discriminate].
  repeat (apply andb_prop in G; destruct G as [G ?]).
  rename H into Fits, H0 into Range, H1 into HT, H2 into HF, H3 into Size, G into P.
  apply Z.ltb_lt in P, Size.
  destruct (network c) as [| l net] eqn:N; [discriminate |]. simpl prepare in C.
  assert (Start : bounded (map Z.b2z y) (repeat 1 (inputs c))).
  { rewrite <- L. clear. induction y as [| [] y IH]; simpl; constructor; simpl; try lia; exact IH. }
  pose proof (forward_spec _ _ _ _ Start Fits) as [Forward Small].
  apply (judge_sound (read c) y (collect 0 y [])).
  - exact P.
  - rewrite WF. exact HF.
  - rewrite WT. exact HT.
  - intros target I. apply holds_spec; [lia |]. rewrite L.
    rewrite forallb_forall in Range. apply Range. exact I.
  - unfold evaluate. exact Small.
  - unfold evaluate. rewrite <- Forward, WF, WT. rewrite map_length, L. simpl.
    apply search_sound with (y := y) in C.
    + exact C.
    + simpl. rewrite L. clear. generalize (weights l). induction (inputs c); intros; simpl; auto.
    + exact B.
Qed.

(** For a threshold: read at every admissible input, the outputs are the ANDs. *)
Definition fires (c : criterion) (z : Z) : bool :=
  match kind c with NonStrict => threshold c * scale c <=? denominator c * z | _ => threshold c * scale c <? denominator c * z end.

Theorem readout_sound c : check c = true -> kind (read c) = Strict \/ kind (read c) = NonStrict ->
  forall y, admissible c y -> map (fires (read c)) (evaluate (network c) y) = map (holds y) (targets c).
Proof.
  intros C K y A. pose proof (sound c C y A) as H.
  induction H as [| z target zs ts R H IH]; simpl; [reflexivity |].
  rewrite IH. f_equal. unfold right in R. unfold fires.
  destruct K as [K | K]; rewrite K in *; apply Bool.eqb_prop in R; exact R.
Qed.
