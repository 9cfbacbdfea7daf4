-- expects: public.v_stock_complet
CREATE VIEW public.v_stock_complet AS SELECT * FROM public.v_stock_actuel;
GRANT SELECT ON public.v_stock_complet TO authenticated;
