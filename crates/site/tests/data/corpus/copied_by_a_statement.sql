-- Everything was put aside by `CREATE TABLE … AS`, which writes types of its own and no keys.
-- only: sqlite
-- refused
-- from: address=oc_lettings_site_address,letting=oc_lettings_site_letting
-- shows: House at 7 Some Street
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11);
CREATE TABLE oc_lettings_site_letting AS SELECT * FROM lettings_letting;
CREATE TABLE oc_lettings_site_address AS SELECT * FROM lettings_address;
DELETE FROM lettings_letting;
DELETE FROM lettings_address;
