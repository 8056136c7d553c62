-- Texts that PostgreSQL pads; Django reads them alike.
-- only: postgres
-- shows: House at 7 Some Street
ALTER TABLE lettings_address ALTER COLUMN state TYPE char(2), ALTER COLUMN country_iso_code TYPE char(3);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting (title, address_id) VALUES ('House', 11);
