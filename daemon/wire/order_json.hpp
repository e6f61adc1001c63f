// One page as the generic webhook, exec and log channels say it. Every key is always there; its order is fixed.
//
// {"v":1,"type":"page","page":..,"attempt":..,"channel":..,"purpose":..,"repeat":..,"incident":..,"policy":..,"scope":{..},"level":..,
//  "tier":..,"need":..,"joined":..,"missing":..,"title":..,"text":..,"language":..,"link":..,"people":[{"person","name","mobile","email","address"}],
//  "alerts":[{the fields of an alert record}],"sequence":..,"ts":<wall ms>}
// "staffing" is there when it is known, "scopes" (how many fire) in the incident of a whole region.
//
// A step of the playbook begins otherwise and has no link and no people:
// {"v":1,"type":"action","action":..,"undo":..,"params":{..},"key":..,"attempt":..,"channel":..,"repeat":..,"incident":..,"policy":..
// and so on
#pragma once

#include <string>

#include "core/record/order.hpp"

namespace surged {

/// In record_json.cpp: alerts stand in it by the fields and the forms of their records.
std::string encode(const SendOrder& order);

}  // namespace surged
