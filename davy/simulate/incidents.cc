// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/incidents.h"

namespace davy::simulate {

void add_pool_session(World& world, Rng& rng, const Machine& machine, const Pool& pool, Time first,
                      Time last) {
  add_query(world, rng, machine, first - kSecond, pool.name, {std::string(pool.address)});
  const Connection connection{&machine, std::string(pool.address), ephemeral_port(rng), pool.port};
  add_connection(world, rng, connection, first, last, stratum_minute);
}

}  // namespace davy::simulate
