-- A database for each part. In production each has a user of its own, too.
CREATE DATABASE idp;
CREATE DATABASE gateway;
CREATE DATABASE users;
CREATE DATABASE orders;
CREATE DATABASE inventory;
