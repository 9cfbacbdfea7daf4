DROP VIEW IF EXISTS public.v_integrity_checks;
DROP VIEW IF EXISTS gouvernance.v_stock_reel;
