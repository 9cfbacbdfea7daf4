-- expects: public.profils
GRANT UPDATE (role) ON public.profils TO authenticated;
