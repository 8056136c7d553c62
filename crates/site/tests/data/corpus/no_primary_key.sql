-- Tables as a data frame is written: no key, no rule.
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
CREATE TABLE lettings_address (id integer, number integer, street text, city text, state text, zip_code integer, country_iso_code text);
CREATE TABLE lettings_letting (id integer, title text, address_id integer);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11);
