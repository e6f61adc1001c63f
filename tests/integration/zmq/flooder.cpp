// A feeder that pushes flat out until it is killed: zmq_flooder ENDPOINT BYTES. For tests only.
#include <cstdio>
#include <cstdlib>

#include "io/zmq/pusher.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    surged::PusherSettings settings;
    settings.endpoint = argv[1];
    auto pusher = surged::Pusher::open(settings);
    if (!pusher) {
        std::fprintf(stderr, "%s\n", pusher.error().message.c_str());
        return 1;
    }
    std::fputs("flooding\n", stderr);
    const std::string payload(static_cast<std::size_t>(std::atoi(argv[2])), 'x');
    while ((*pusher)->push(payload, {}, std::chrono::seconds{60})) {
    }
    return 0;
}
