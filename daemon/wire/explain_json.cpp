#include "wire/explain_json.hpp"

#include "wire/json_fields.hpp"

namespace surged {

std::string encode(const Explanation& explanation) {
    return to_json(explanation, explanation.now);
}

}  // namespace surged
