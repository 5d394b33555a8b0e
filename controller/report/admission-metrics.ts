/** Metrics about reviews of the admission webhook. */
import { X509Certificate } from 'node:crypto';
import { Histogram, type Registry } from 'prom-client';
import { ADMISSION_RESULTS, type AdmissionResult, type ReviewFigures } from '../types/admission.ts';
import { METRIC_PREFIX } from '../types/request-metrics.ts';
import { metricMakers } from './metric-makers.ts';

export interface AdmissionMetrics {
  /** Sets what the last build of a candidate cost. `confBytes`: length of the nginx.conf in force. */
  readonly reviewed: (figures: ReviewFigures, confBytes: number) => void;
  readonly answered: (result: AdmissionResult, seconds: number) => void;
  /** Sets when the certificate that the webhook serves (PEM) expires. */
  readonly serves: (certificate: string) => void;
}

/** In seconds. */
const REVIEW_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `own` are the labels of every series. */
export function createAdmissionMetrics(registers: Registry[], own: Readonly<Record<string, string>>): AdmissionMetrics {
  const { gauge, counter } = metricMakers(registers, own);
  const ofLast = (name: string, help: string) => gauge(`${METRIC_PREFIX}admission_${name}`, `${help}; last review`);
  const tested = ofLast('tested_ingresses', 'Ingresses of the hosts that the reviewed Ingress affects');
  const testSeconds = ofLast('tested_duration', 'Seconds for the build of the reviewed Ingress');
  const known = ofLast('render_ingresses', 'Ingresses in the cluster');
  const beforeSeconds = ofLast('render_duration', 'Seconds until the build of the reviewed Ingress began');
  const size = ofLast('config_size', 'Length of the nginx.conf in force, which a review does not render again');
  const roundtrip = ofLast('roundtrip_duration', 'Seconds from the request to the answer');
  const reviews = counter('tidegate_admission_reviews_total', 'Requests of the admission webhook by result', [
    'result',
  ]);
  const seconds = new Histogram({
    name: 'tidegate_admission_review_seconds',
    help: 'Time from the request to the answer of the admission webhook',
    registers,
    labelNames: Object.keys(own),
    buckets: REVIEW_BUCKETS,
  });
  const expiry = gauge(
    'tidegate_admission_certificate_expire_time_seconds',
    'When the certificate of the admission webhook expires, in seconds since 1970',
  );
  for (const result of ADMISSION_RESULTS) reviews.inc({ ...own, result }, 0);

  return {
    reviewed: (figures, confBytes) => {
      tested.set(own, figures.tested);
      testSeconds.set(own, figures.build);
      known.set(own, figures.known);
      beforeSeconds.set(own, figures.before);
      size.set(own, confBytes);
    },
    answered: (result, took) => {
      reviews.inc({ ...own, result });
      seconds.observe(own, took);
      if (result !== 'failed') roundtrip.set(own, took);
    },
    serves: (certificate) => expiry.set(own, Date.parse(new X509Certificate(certificate).validTo) / 1000),
  };
}
