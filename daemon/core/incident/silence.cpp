#include "core/incident/silence.hpp"

#include "core/base/text.hpp"

namespace surged {

bool covers(const Silence& silence, const AlertEdge& alert) {
    return glob_match(silence.rule, alert.rule) && glob_match(silence.centre, alert.queue.centre) &&
           glob_match(silence.queue, alert.queue.queue);
}

}  // namespace surged
