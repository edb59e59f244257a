import type { TaskLogs } from './logs';
import type { Histogram, LogFilters, LogStats } from './types';

/** How many matching entries of each level lie in which stretch of time. */
export const histogramOf = (
  { api, path }: TaskLogs,
  filters: LogFilters,
  buckets: number,
  signal?: AbortSignal,
): Promise<Histogram> => api.get(`${path}/histogram`, { ...filters, buckets }, signal);

/** How many entries there are of each level, source, stage, channel and event type. */
export const statsOf = ({ api, path }: TaskLogs, signal?: AbortSignal): Promise<LogStats> =>
  api.get(`${path}/stats`, {}, signal);

/** The components that wrote entries, each once. */
export const sourcesOf = ({ api, path }: TaskLogs): Promise<readonly string[]> =>
  api.get(`${path}/sources`);
