"""Operations on production: ordered steps, STOP gates, frozen activities, a log."""
