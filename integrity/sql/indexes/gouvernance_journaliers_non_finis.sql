-- For VOLUME_NON_FINI: empty as long as every figure is a number.
CREATE INDEX {{ concurrently }} IF NOT EXISTS gouvernance_journaliers_non_finis
ON public.stocks_journaliers (id)
WHERE greatest(abs(stock_ambiant), abs(stock_15c)) BETWEEN 'Infinity' AND 'NaN';
