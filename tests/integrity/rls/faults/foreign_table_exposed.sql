-- expects: public.lointaine
CREATE FOREIGN DATA WRAPPER essai;
CREATE SERVER ailleurs FOREIGN DATA WRAPPER essai;
CREATE FOREIGN TABLE public.lointaine (id integer) SERVER ailleurs;
GRANT SELECT ON public.lointaine TO authenticated;
