-- Keys of mutations and what was answered. `id` is JSON: channel, customer, operation, key.
CREATE TABLE attempt (
  id {text} PRIMARY KEY,
  revision BIGINT NOT NULL,
  state {text} NOT NULL,
  epoch BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  body {text} NOT NULL
);
CREATE INDEX attempt_changed ON attempt (changed_at);

-- Stock held for carts. `buyer` and `cart` are JSON: channel, customer, cart.
CREATE TABLE hold (
  id {text} PRIMARY KEY,
  revision BIGINT NOT NULL,
  buyer {text} NOT NULL,
  cart {text} NOT NULL,
  state {text} NOT NULL,
  created_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  at_system BIGINT NOT NULL,
  given_back_at BIGINT,
  claimed_until BIGINT,
  ended_at BIGINT,
  body {text} NOT NULL
);
CREATE INDEX hold_cart ON hold (cart, state);
CREATE INDEX hold_until ON hold (state, until_at);
CREATE INDEX hold_to_give_back ON hold (ended_at) WHERE at_system = 1 AND given_back_at IS NULL;
CREATE INDEX hold_ended ON hold (ended_at);

-- What counts against availability: the lines of kind GATEWAY of holds that have not ended. Without `until_at` an order
-- stands on the hold; `accepted_at` is when the order system took it.
CREATE TABLE lease (
  hold {text} NOT NULL REFERENCES hold (id),
  position BIGINT NOT NULL,
  sku {text} NOT NULL,
  location {text} NOT NULL,
  quantity {text} NOT NULL,
  until_at BIGINT,
  accepted_at BIGINT,
  PRIMARY KEY (hold, position)
);
CREATE INDEX lease_place ON lease (sku, accepted_at);
CREATE INDEX lease_accepted ON lease (accepted_at);

-- Orders from the moment they are meant; never removed. `attempt` is the id of the key they were placed under. One key places one order, one hold carries one, and one
-- authorisation pays one. `payment` is JSON: system, authorisation.
CREATE TABLE orders (
  external_number {text} PRIMARY KEY,
  revision BIGINT NOT NULL,
  attempt {text} NOT NULL UNIQUE,
  hold {text} NOT NULL UNIQUE,
  payment {text} UNIQUE,
  state {text} NOT NULL,
  epoch BIGINT NOT NULL,
  intended_at BIGINT NOT NULL,
  settled_at BIGINT,
  due_at BIGINT,
  claimed_until BIGINT,
  body {text} NOT NULL
);
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_intended ON orders (intended_at);

-- Every change of the rows above, in the same transaction. Nothing is ever changed here; `body` is the row after it.
CREATE TABLE event (
  sequence {sequence},
  written_at BIGINT NOT NULL,
  subject {text} NOT NULL,
  subject_key {text} NOT NULL,
  revision BIGINT NOT NULL,
  kind {text} NOT NULL,
  body {text} NOT NULL,
  UNIQUE (subject_key, subject, revision)
);

-- Up to when what is old has been removed.
CREATE TABLE upkeep (
  name {text} PRIMARY KEY,
  at BIGINT NOT NULL
);
