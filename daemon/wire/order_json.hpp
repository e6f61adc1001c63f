// One page as the generic webhook, exec and log channels say it. Every key is always there; its order is fixed.
//
// {"v":1,"type":"page","page":..,"attempt":..,"channel":..,"purpose":..,"repeat":..,"incident":..,"policy":..,"scope":{..},"level":..,
//  "tier":..,"need":..,"joined":..,"missing":..,"title":..,"text":..,"language":..,"link":..,"people":[{"person","name","mobile","email","address"}],
//  "alerts":[{the fields of an alert record}],"sequence":..,"ts":<wall ms>}
#pragma once

#include <string>

#include "core/escalation/order.hpp"

namespace surged {

std::string encode(const SendOrder& order);

}  // namespace surged
