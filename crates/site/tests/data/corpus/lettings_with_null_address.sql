-- The same where references are kept.
-- only: postgres
-- shows: House at 7 Some Street
ALTER TABLE lettings_letting ALTER COLUMN address_id DROP NOT NULL;
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting (title, address_id) VALUES ('House', 11), ('Hut', NULL);
