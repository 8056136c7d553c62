-- The own tables have their rows; what is left of an old table is told of.
-- shows: New Flat at 12 Quay
INSERT INTO lettings_address (number, street, city, state, zip_code, country_iso_code) VALUES (12, 'Quay', 'Newport', 'CA', 92660, 'USA');
INSERT INTO lettings_letting (title, address_id) SELECT 'New Flat', id FROM lettings_address;
CREATE TABLE oc_lettings_site_letting (id integer NOT NULL PRIMARY KEY, name varchar(256) NOT NULL, address_id integer NOT NULL UNIQUE);
INSERT INTO oc_lettings_site_letting VALUES (5, 'Old House', 3);
