DROP VIEW IF EXISTS public.v_integrity_checks;
