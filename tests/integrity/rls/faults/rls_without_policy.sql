-- expects: public.brouillons
CREATE TABLE public.brouillons (id integer);
ALTER TABLE public.brouillons ENABLE ROW LEVEL SECURITY;
