#include "feed/run_record.hpp"

#include <numeric>

#include "feed/recorder.hpp"
#include "io/zmq/ingest.hpp"
#include "wire/decode.hpp"

namespace surged {

int run_feed_record(const RecordOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    auto ingest = Ingest::open(options.ingest, options.limits);
    if (!ingest) {
        err << ingest.error().message << '\n';
        return 2;
    }
    for (const auto& endpoint : (*ingest)->endpoints()) {
        err << "event=recording endpoint=" << endpoint << std::endl;
    }
    Decoder decoder(options.limits);
    Recorder recorder(out);
    Message message;
    RefusalCounts refused{};
    RefusalBook book;
    bool writing = true;
    const auto wanted = [&] { return options.messages_max == 0 || recorder.written() < options.messages_max; };
    while (!stop && writing && wanted()) {
        if (!(*ingest)->wait(Span{100}).messages) {
            continue;
        }
        (*ingest)->receive(1, [&](std::string_view payload, std::string_view) {
            if (const auto reason = decoder.decode(payload, message, refused)) {
                ++refused[static_cast<std::size_t>(*reason)];
            } else {
                writing = recorder.write(message);
            }
            for (const RefusalNote& note : decoder.notes()) {
                book.add(decoder.source(), note, 1, EngineTime{});
            }
        });
    }
    for (const auto& entry : book.entries()) {
        err << "event=refused source=" << entry.source << " reason=" << to_string(entry.note.reason) << " count=" << entry.count
            << " example=\"" << entry.note.text() << "\"\n";
    }
    const auto total = std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
    err << "event=recorded messages=" << recorder.written() << " refused=" << total << '\n';
    return writing ? 0 : 1;
}

}  // namespace surged
