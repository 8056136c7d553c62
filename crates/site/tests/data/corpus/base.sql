-- What an owner's database has and ours has not: users, and no table of this program. Those of its records
-- are dropped already.
DROP TABLE oc_lettings_version;
DROP TABLE oc_lettings_login_failure;
DROP TABLE oc_lettings_login_attempt;
DROP TABLE oc_lettings_origin;
DROP TABLE oc_lettings_source;
DROP TABLE oc_lettings_adoption;
INSERT INTO auth_user (password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name) VALUES ('!', FALSE, 'jane', 'Doe', 'jane@example.com', FALSE, TRUE, '2024-01-01 00:00:00', 'Jane');
