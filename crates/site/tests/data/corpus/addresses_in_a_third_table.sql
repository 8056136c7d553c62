-- An address that a letting means without a foreign key is in a table that nothing else refers to.
-- refused
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles') AND name <> '0001_initial';
CREATE TABLE oc_lettings_site_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE archive_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE oc_lettings_site_letting (id integer, title text, address_id integer);
INSERT INTO oc_lettings_site_address VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
INSERT INTO lettings_address SELECT * FROM oc_lettings_site_address;
INSERT INTO archive_address VALUES (9, 1, 'Lost Lane', 'Savannah', 'GA', 31401, 'USA'), (10, 2, 'Lost Lane', 'Savannah', 'GA', 31401, 'USA');
INSERT INTO oc_lettings_site_letting VALUES (5, 'Old House', 3), (6, 'Old Hut', 9);
