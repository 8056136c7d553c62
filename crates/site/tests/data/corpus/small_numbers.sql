-- PostgreSQL's smallint ends below most zip codes.
-- only: postgres
-- refused
ALTER TABLE lettings_address ALTER COLUMN zip_code TYPE smallint;
