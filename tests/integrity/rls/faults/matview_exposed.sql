-- expects: public.stock_copie
CREATE MATERIALIZED VIEW public.stock_copie AS SELECT * FROM public.stocks_snapshot;
GRANT SELECT ON public.stock_copie TO authenticated;
