-- expects: public.mesures
CREATE TABLE public.mesures (jour date) PARTITION BY RANGE (jour);
