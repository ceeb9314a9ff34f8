import { expect, test } from 'vitest'
import { startAdwin, updateAdwin } from './adwin.ts'
import { applyIsotonic, calibrationError, equalMassBins, fitIsotonic, reliabilityBins } from './calibration.ts'
import { chiSquareGoodnessOfFit, chiSquareTwoSample, cramersV, gTestTwoSample } from './contingency.ts'
import * as distances from './distances.ts'
import * as dist from './distributions.ts'
import { centroidDistance, medianSquaredDistance, mmd } from './embedding-drift.ts'
import { expectedAccuracy, expectedAuc, expectedConfusion } from './estimated-performance.ts'
import { benefitInequality, equalizedOdds, groupRates, passesFourFifths, rateSpread } from './fairness.ts'
import { ksExactP, ksLimitingP, ksOneSampleSf, ksStatistic, ksStephensP } from './kolmogorov-smirnov.ts'
import { mergeMoments, sampleVariance } from './moments.ts'
import { benjaminiHochberg, benjaminiYekutieli, bonferroni, holm } from './multiplicity.ts'
import * as cls from './performance-classification.ts'
import {
  confusionTable,
  likeliestClass,
  multiclassMetrics,
  multiclassProbabilityMetrics,
} from './performance-multiclass.ts'
import * as reg from './performance-regression.ts'
import { cohensH, fisherExact, twoProportionSampleSize, twoProportionZ, wilsonInterval } from './proportions.ts'
import { quantile } from './quantile.ts'
import { dcgOfScores, meanRankingMetrics, ndcgOfScores, rankingMetrics } from './ranking.ts'
import { betaI, gammaQ } from './special.ts'
import { cusum, ewmaChart, startDdm, startPageHinkley, updateDdm, updatePageHinkley } from './stream-detectors.ts'
import * as two from './tests-two-sample.ts'
import vectors from './vectors.json' with { type: 'json' }

type Bag = Record<string, unknown>
type Vector = { id: string; method: string; params: Bag; inputs: Bag; expected: Bag; tolerance: number }
const all = vectors as Vector[]

function inputOf(vector: Vector, key: string): unknown {
  const reference = vector.inputs[`${key}_id`]
  if (typeof reference !== 'string') return vector.inputs[key]
  const [id, name] = reference.split('.') as [string, string]
  return all.find((v) => v.id === id)?.inputs[name]
}

const numbers = (v: Vector, key: string) => inputOf(v, key) as number[]
const matrix = (v: Vector, key: string) => inputOf(v, key) as number[][]
const param = (v: Vector, key: string) => v.params[key] as number

/** Both count maps over the union of their keys. */
function counts(v: Vector): [number[], number[]] {
  const a = v.inputs['reference_counts']
  const b = v.inputs['current_counts']
  if (Array.isArray(a) && Array.isArray(b)) return [a as number[], b as number[]]
  const before = a as Record<string, number>
  const now = b as Record<string, number>
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return [keys.map((k) => before[k] ?? 0), keys.map((k) => now[k] ?? 0)]
}

const samples = (v: Vector): [number[], number[]] => [numbers(v, 'reference'), numbers(v, 'current')]

const runs: Record<string, (v: Vector) => Bag> = {
  ks_two_sample: (v) => {
    const [a, b] = samples(v)
    const d = known(ksStatistic(a, b))
    const en = (a.length * b.length) / (a.length + b.length)
    return {
      statistic: d,
      p_exact: ksExactP(d, a.length, b.length),
      p_asymptotic: ksOneSampleSf(d, Math.round(en)),
      p_limiting: ksLimitingP(d, en),
    }
  },
  ks_two_sample_limiting_p: (v) => {
    const d = v.inputs['statistic'] as number
    return { p: ksLimitingP(d, param(v, 'effective_n')), p_stephens: ksStephensP(d, param(v, 'effective_n')) }
  },
  wasserstein_1d: (v) => {
    const w = two.wasserstein(...samples(v))
    return { distance: w?.distance, normalized_by_ref_std: w?.normalized }
  },
  energy_distance_1d: (v) => ({ distance: two.energyDistance(...samples(v)) }),
  cramer_von_mises_two_sample: (v) => {
    const t = two.cramerVonMises(...samples(v))
    return { statistic: t?.statistic, p_asymptotic: t?.p }
  },
  anderson_darling_two_sample: (v) => ({ statistic: two.andersonDarling(...samples(v)) }),
  mann_whitney_u: (v) => {
    const [a, b] = samples(v)
    const t = known(two.mannWhitney(a, b))
    return {
      u_reference: t.u,
      p_two_sided_asymptotic: t.p,
      p_two_sided_exact: two.mannWhitneyExactP(t.u, a.length, b.length),
      p_less_asymptotic: t.pLess,
      common_language_effect: t.effect,
    }
  },
  t_test: (v) => {
    const t = two.tTests(...samples(v))
    return { student_t: t?.studentT, student_p: t?.studentP, welch_t: t?.welchT, welch_p: t?.welchP }
  },
  cohens_d: (v) => {
    const [a, b] = samples(v)
    return { d: two.cohensD(a, b) }
  },
  chi_square_two_sample: (v) => ({ ...chiSquareTwoSample(...counts(v)), cramers_v: cramersV(...counts(v))?.plain }),
  g_test_two_sample: (v) => ({ ...gTestTwoSample(...counts(v)) }),
  chi_square_goodness_of_fit: (v) => ({ ...chiSquareGoodnessOfFit(...counts(v)) }),
  cramers_v_bias_corrected: (v) => ({ v: cramersV(...counts(v))?.corrected }),
  jensen_shannon: (v) => {
    const js = known(distances.jsDivergence(...counts(v)))
    return {
      distance_base_e: Math.sqrt(js),
      distance_base_2: distances.jsDistance(...counts(v)),
      divergence_base_e: js,
      divergence_base_2: js / Math.LN2,
    }
  },
  kl_divergence: (v) => ({
    kl: distances.klFromCounts(...counts(v)),
    kl_filled: distances.klFromCounts(...counts(v), { fill: 1e-4 }),
  }),
  hellinger: (v) => ({
    distance: distances.hellinger(...counts(v)),
    bhattacharyya_coefficient: distances.bhattacharyya(...counts(v)),
  }),
  total_variation: (v) => ({
    distance: distances.totalVariation(...counts(v)),
    l_infinity: distances.maxShareChange(...counts(v)),
  }),
  psi_categorical: (v) => ({
    'psi_fill_1e-4': distances.psiFromCounts(...counts(v), { fill: 1e-4 }),
    'psi_floor_0.01': distances.psiFromCounts(...counts(v), { floor: 0.01 }),
    'psi_additive_0.5': distances.psiFromCounts(...counts(v)),
  }),
  psi_null_threshold: (v) => {
    const [n, m, bins] = [v.inputs['n_reference'], v.inputs['n_current'], v.inputs['bins']] as [number, number, number]
    return {
      threshold: distances.psiNullThreshold(n, m, bins, param(v, 'alpha')),
      'p_of_0.1': distances.psiNullP(0.1, n, m, bins),
      'p_of_0.2': distances.psiNullP(0.2, n, m, bins),
    }
  },
  two_proportion_z: (v) => {
    const [[a, b], [c, d]] = counts(v) as [[number, number], [number, number]]
    const t = twoProportionZ(b, a + b, d, c + d)
    return { z: t?.z, p_two_sided: t?.p, cohens_h: cohensH(b / (a + b), d / (c + d)) }
  },
  fisher_exact_2x2: (v) => {
    const [[a, b], [c, d]] = counts(v) as [[number, number], [number, number]]
    const t = fisherExact(a, b, c, d)
    return { odds_ratio: t.oddsRatio, p_two_sided: t.p }
  },
  psi_numeric_reference_quantiles: (v) => {
    const [a, b] = samples(v)
    const bins = param(v, 'bins')
    const edges = Array.from({ length: bins - 1 }, (_, i) => known(quantile(a, (i + 1) / bins)))
    const inner = [...new Set(edges)]
    const count = (values: number[]) => {
      const out = new Array<number>(inner.length + 1).fill(0)
      for (const x of values) out[inner.filter((e) => e <= x).length]!++
      return out
    }
    return {
      inner_edges: inner,
      reference_counts: count(a),
      current_counts: count(b),
      psi: distances.psiFromCounts(count(a), count(b)),
    }
  },
  distance_from_histograms: (v) => ({
    ks: distances.ksFromCounts(...counts(v)),
    w1_right_edge_cdf: distances.wassersteinFromCounts(
      ...counts(v),
      (v.params['edges'] ?? v.inputs['edges']) as number[],
    ),
  }),
  quantile: (v) => ({
    p10: quantile(numbers(v, 'values'), 0.1),
    p25: quantile(numbers(v, 'values'), 0.25),
    p50: quantile(numbers(v, 'values'), 0.5),
    p90: quantile(numbers(v, 'values'), 0.9),
    p99: quantile(numbers(v, 'values'), 0.99),
  }),
  normal_distribution: (v) => ({ cdf: numbers(v, 'x').map(dist.normalCdf), sf: numbers(v, 'x').map(dist.normalSf) }),
  normal_quantile: (v) => ({ x: numbers(v, 'p').map(dist.normalQuantile) }),
  chi_square_sf: (v) => ({ sf: matrix(v, 'x_df').map(([x, df]) => dist.chiSquareSf(x!, df!)) }),
  chi_square_quantile: (v) => ({ x: matrix(v, 'p_df').map(([p, df]) => dist.chiSquareQuantile(p!, df!)) }),
  student_t_two_sided: (v) => ({ p: matrix(v, 't_df').map(([t, df]) => dist.studentTwoSided(t!, df!)) }),
  kolmogorov_limiting_sf: (v) => ({ sf: numbers(v, 'x').map(dist.kolmogorovSf) }),
  ks_critical_value: (v) => ({ c_alpha: numbers(v, 'alpha').map(dist.kolmogorovUpperQuantile) }),
  regularized_gamma_q: (v) => ({ q: matrix(v, 'a_x').map(([a, x]) => gammaQ(a!, x!)) }),
  regularized_beta_i: (v) => ({ i: matrix(v, 'a_b_x').map(([a, b, x]) => betaI(a!, b!, x!)) }),
  wilson_interval: (v) => ({
    interval: matrix(v, 'k_n').map(([k, n]) => {
      const w = known(wilsonInterval(k!, n!, param(v, 'confidence')))
      return [w.lower, w.upper]
    }),
  }),
  multiple_testing: (v) => {
    const p = numbers(v, 'p')
    const q = benjaminiHochberg(p)
    return {
      bh_q: q,
      bonferroni: bonferroni(p),
      holm: holm(p),
      by_q: benjaminiYekutieli(p),
      bh_rejected: q.filter((x) => x <= param(v, 'alpha')).length,
    }
  },
  mmd_rbf: (v) => {
    const [a, b] = [matrix(v, 'reference'), matrix(v, 'current')]
    const width = known(medianSquaredDistance(a, b))
    const of = (sigma2: number) => {
      const m = known(mmd(a, b, sigma2))
      return { mmd2_unbiased: m.unbiased, mmd2_biased: m.biased }
    }
    const sigma2 = typeof v.params['sigma2'] === 'number' ? v.params['sigma2'] : width
    return { median_sq_distance_pooled_pairs: width, sigma2_median: of(width), sigma2_1: of(1), ...of(sigma2) }
  },
  embedding_centroid_distance: (v) => ({ ...centroidDistance(matrix(v, 'reference'), matrix(v, 'current')) }),
  page_hinkley: (v) => {
    const state = startPageHinkley()
    const options = {
      delta: param(v, 'delta'),
      threshold: param(v, 'threshold'),
      alpha: param(v, 'alpha'),
      minInstances: param(v, 'min_instances'),
    }
    const detections: number[] = []
    numbers(v, 'values').forEach((x, i) => {
      if (updatePageHinkley(state, x, options)) detections.push(i)
    })
    return { detections, first_detection: detections[0] }
  },
  adwin: (v) => {
    const state = startAdwin()
    const detections: number[] = []
    numbers(v, 'values').forEach((x, i) => {
      if (updateAdwin(state, x)) detections.push(i)
    })
    return { detections, final_width: state.width, final_mean: state.total / state.width }
  },
  ddm: (v) => {
    const state = startDdm()
    const options = { warmStart: param(v, 'warm_start'), warning: param(v, 'warning'), drift: param(v, 'drift') }
    const verdicts = numbers(v, 'values').map((x) => updateDdm(state, x === 1, options))
    return {
      first_warning: verdicts.indexOf('warning'),
      detections: verdicts.flatMap((verdict, i) => (verdict === 'drift' ? [i] : [])),
    }
  },
  cusum_tabular: (v) => {
    const c = cusum(numbers(v, 'values'), {
      mu: param(v, 'mu'),
      sigma: param(v, 'sigma'),
      k: param(v, 'k'),
      h: param(v, 'h'),
    })
    return { upper: c.upper, lower: c.lower, first_alarm: c.firstAlarm }
  },
  ewma_chart: (v) => {
    const options = { lambda: param(v, 'lambda'), L: param(v, 'L'), mu: param(v, 'mu'), sigma: param(v, 'sigma') }
    const chart = ewmaChart(numbers(v, 'values'), options)
    return { ewma: chart.ewma, ucl: chart.ucl, first_alarm: chart.firstAlarm }
  },
  classification_binary: (v) => {
    const truth = numbers(v, 'y_true').map((y) => y === 1)
    const score = numbers(v, 'y_score')
    const c = cls.confusionOf(
      truth,
      score.map((s) => s >= param(v, 'threshold')),
    )
    const m = cls.confusionMetrics(c)
    const auc = cls.rocAuc(truth, score)
    const ece = calibrationError(reliabilityBins(truth, score))
    const positives = truth.filter(Boolean).length
    return {
      confusion: c,
      accuracy: m.accuracy,
      balanced_accuracy: m.balancedAccuracy,
      precision: m.precision,
      recall: m.recall,
      specificity: m.specificity,
      fpr: m.fpr,
      fnr: m.fnr,
      f1: m.f1,
      f2: cls.fBeta(c, 2),
      mcc: m.mcc,
      kappa: m.kappa,
      roc_auc: auc,
      pr_auc_average_precision: cls.averagePrecision(truth, score),
      log_loss: cls.logLoss(truth, score),
      brier: cls.brierScore(truth, score),
      ks_score_separation: cls.scoreSeparation(truth, score),
      gini: 2 * known(auc) - 1,
      ece_10_equal_width: ece?.expected,
      mce_10_equal_width: ece?.largest,
      ece_equal_mass_10_bins: calibrationError(equalMassBins(truth, score))?.expected,
      roc_auc_se_hanley_mcneil: cls.aucStandardError(known(auc), positives, truth.length - positives),
    }
  },
  classification_multiclass: (v) => {
    const labels = v.params['labels'] as string[]
    const truth = (v.inputs['y_true'] as string[]).map((y) => labels.indexOf(y))
    const proba = matrix(v, 'y_proba')
    const predicted = proba.map(likeliestClass)
    const table = confusionTable(truth, predicted, labels.length)
    const m = known(multiclassMetrics(table))
    const p = known(multiclassProbabilityMetrics(truth, proba))
    return {
      predicted: predicted.map((c) => labels[c]),
      confusion_rows_true: table,
      accuracy: m.accuracy,
      balanced_accuracy: m.balancedAccuracy,
      mcc: m.mcc,
      kappa: m.kappa,
      log_loss: p.logLoss,
      brier_multiclass_sum: p.brier,
      roc_auc_ovr_macro: p.aucMacro,
      roc_auc_ovr_weighted: p.aucWeighted,
      average_precision_macro: p.averagePrecisionMacro,
      top2_accuracy: p.top2,
      precision_macro: m.macro.precision,
      recall_macro: m.macro.recall,
      f1_macro: m.macro.f1,
      precision_weighted: m.weighted.precision,
      recall_weighted: m.weighted.recall,
      f1_weighted: m.weighted.f1,
      per_class: Object.fromEntries(m.perClass.map((c, i) => [labels[i], c])),
    }
  },
  roc_auc_from_score_histograms: (v) => {
    const r = cls.aucOfCounts(numbers(v, 'positive_counts'), numbers(v, 'negative_counts'))
    return { auc: r?.auc, max_abs_error_bound: r?.errorBound }
  },
  isotonic_calibration: (v) => {
    const map = known(fitIsotonic(numbers(v, 'x'), numbers(v, 'y')))
    const at = (v.expected['predict'] as { x: number[] }).x
    return {
      fitted_at_x: numbers(v, 'x').map((x) => applyIsotonic(map, x)),
      predict: { x: at, y: at.map((x) => applyIsotonic(map, x)) },
    }
  },
  cbpe_binary: (v) => {
    const p = numbers(v, 'probability')
    const c = expectedConfusion(p, param(v, 'threshold'))
    const m = cls.confusionMetrics(c)
    return {
      expected_confusion: c,
      accuracy: m.accuracy,
      precision: m.precision,
      recall: m.recall,
      specificity: m.specificity,
      f1: m.f1,
      roc_auc: expectedAuc(p),
    }
  },
  cbpe_accuracy_interval: (v) => {
    const e = expectedAccuracy(numbers(v, 'probability'))
    return { accuracy: e?.accuracy, poisson_binomial_sd: e?.sd }
  },
  business_value: (v) => {
    const r = cls.businessValue(v.inputs['confusion'] as cls.Confusion, v.params['matrix'] as cls.Confusion)
    return { total: r.total, per_prediction: r.perPrediction }
  },
  regression: (v) => {
    const [y, f] = [numbers(v, 'y_true'), numbers(v, 'y_pred')]
    const m = known(reg.regressionMetrics(y, f))
    return {
      mae: m.mae,
      mse: m.mse,
      rmse: m.rmse,
      r2: m.r2,
      explained_variance: m.explainedVariance,
      smape: m.smape,
      wape: m.wape,
      median_ae: m.medianAbsError,
      max_error: m.maxError,
      mean_error_pred_minus_true: m.meanError,
      error_std_population: m.errorStd,
      abs_error_p50: reg.absoluteErrorQuantile(y, f, 0.5),
      abs_error_p90: reg.absoluteErrorQuantile(y, f, 0.9),
      abs_error_p95: reg.absoluteErrorQuantile(y, f, 0.95),
      'pinball_0.1': reg.pinballLoss(y, f, 0.1),
      'pinball_0.9': reg.pinballLoss(y, f, 0.9),
      pearson: reg.pearson(y, f),
      spearman: reg.spearman(y, f),
      kendall_tau_b: reg.kendallTau(y, f),
      rmsle: reg.rmsle(y, f),
    }
  },
  ranking: (v) => {
    const lists = v.inputs['users'] as { ranked: string[]; relevant: Record<string, number> }[]
    const k = param(v, 'k')
    const m = known(meanRankingMetrics(lists, k))
    return {
      ndcg_linear_gain: m.ndcg,
      ndcg_exponential_gain: meanRankingMetrics(lists, k, 'exponential')?.ndcg,
      map: m.ap,
      mrr: m.rr,
      hit_rate: m.hit,
      precision: m.precision,
      recall: m.recall,
      per_user_ndcg_linear: lists.map((list) => rankingMetrics(list, k)?.ndcg),
      per_user_ap: lists.map((list) => rankingMetrics(list, k)?.ap),
    }
  },
  ndcg: (v) => {
    const [relevance, scores] = [numbers(v, 'relevance'), numbers(v, 'scores')]
    return {
      ndcg: ndcgOfScores(relevance, scores),
      ndcg_at_3: ndcgOfScores(relevance, scores, 3),
      dcg: dcgOfScores(relevance, scores),
    }
  },
  fairness_binary: (v) => {
    const [truth, predicted] = [numbers(v, 'y_true'), numbers(v, 'y_pred')]
    const group = v.inputs['group'] as string[]
    const groups = Object.fromEntries(
      [...new Set(group)].map((name) => {
        const at = group.flatMap((g, i) => (g === name ? [i] : []))
        return [
          name,
          groupRates(
            cls.confusionOf(
              at.map((i) => truth[i] === 1),
              at.map((i) => predicted[i] === 1),
            ),
          ),
        ]
      }),
    )
    const odds = equalizedOdds(groups)
    const inequality = benefitInequality(
      cls.confusionOf(
        truth.map((y) => y === 1),
        predicted.map((y) => y === 1),
      ),
    )
    const tpr = rateSpread(groups, 'tpr')
    const fpr = rateSpread(groups, 'fpr')
    return {
      by_group: groups,
      demographic_parity_difference: rateSpread(groups, 'selectionRate')?.difference,
      demographic_parity_ratio: rateSpread(groups, 'selectionRate')?.ratio,
      equal_opportunity_difference: tpr?.difference,
      equal_opportunity_ratio: tpr?.ratio,
      fpr_difference: fpr?.difference,
      equalized_odds_difference_worst_case: odds?.worstCase,
      equalized_odds_difference_mean: odds?.mean,
      equalized_odds_ratio_worst_case: odds?.ratio,
      predictive_parity_difference: rateSpread(groups, 'ppv')?.difference,
      accuracy_difference: rateSpread(groups, 'accuracy')?.difference,
      four_fifths_pass: passesFourFifths(groups),
      generalized_entropy_index_alpha2: inequality?.entropy2,
      theil_index: inequality?.theil,
      groups_without_positives: tpr?.without,
      groups_without_negatives: fpr?.without,
    }
  },
  merge_mean_variance: (v) => {
    const part = (key: string) => ({ min: 0, max: 0, ...(v.inputs[key] as { n: number; mean: number; m2: number }) })
    const merged = mergeMoments(part('a'), part('b'))
    return { n: merged.n, mean: merged.mean, m2: merged.m2, variance_ddof1: sampleVariance(merged) }
  },
  null_share_two_proportion: (v) => {
    const [a, b] = [v.inputs['reference'], v.inputs['current']] as { nulls: number; n: number }[]
    const t = twoProportionZ(a!.nulls, a!.n, b!.nulls, b!.n)
    return { z: t?.z, p_two_sided: t?.p, difference: t?.difference }
  },
  two_proportion_sample_size: (v) => ({
    n_per_group: numbers(v, 'deltas').map((d) =>
      twoProportionSampleSize(v.inputs['base'] as number, d, param(v, 'alpha'), param(v, 'power')),
    ),
  }),
}

/** A value that the vector says exists. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('undefined where the vector has a value')
  return value
}

const ALIASES: Record<string, string> = { selection_rate: 'selectionRate', base_rate: 'baseRate' }

function matches(actual: unknown, expected: unknown, tolerance: number, path: string): void {
  if (expected === 'NaN') return expect(actual, path).toBeUndefined()
  if (expected === 'Infinity') return expect(actual, path).toBe(Infinity)
  if (typeof expected === 'number') {
    expect(actual, path).toBeTypeOf('number')
    const scale = Math.max(1, Math.abs(expected))
    return expect(
      Math.abs((actual as number) - expected),
      `${path}: ${String(actual)} for ${expected}`,
    ).toBeLessThanOrEqual(tolerance * scale + 1e-15)
  }
  if (Array.isArray(expected)) {
    expect(actual, path).toHaveLength(expected.length)
    expected.forEach((e, i) => matches((actual as unknown[])[i], e, tolerance, `${path}[${i}]`))
    return
  }
  if (expected && typeof expected === 'object') {
    for (const [key, e] of Object.entries(expected)) {
      matches((actual as Bag)[key] ?? (actual as Bag)[ALIASES[key] ?? ''], e, tolerance, `${path}.${key}`)
    }
    return
  }
  expect(actual, path).toBe(expected)
}

test.each(all.map((v) => [v.id, v] as const))('known answer %s', (_id, v) => {
  const run = runs[v.method]
  if (!run) throw new Error(`no function for method ${v.method}`)
  const actual = run(v)
  for (const [key, expected] of Object.entries(v.expected)) matches(actual[key], expected, v.tolerance, key)
})
