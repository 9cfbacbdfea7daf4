DROP FUNCTION IF EXISTS
    gouvernance.ambiguous_profiles(),
    gouvernance.profile_names(uuid[]),
    gouvernance.reads_profiles();
