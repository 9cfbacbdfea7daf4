-- expects: public.compter(integer)
CREATE FUNCTION public.compter(n integer) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = ''
AS 'SELECT count(*) FROM public.clients';
