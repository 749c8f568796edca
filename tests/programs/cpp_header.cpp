// Uses everything in enlarger.hpp, because compilers check templates only where they are used.

#include <enlarger.hpp>
#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <vector>

bool other_unit(const enlarger::Registry &registry);

#define REQUIRE(what) if (!(what)) throw std::logic_error(#what)

static int status_of(const std::function<void()> &call) {
    try {
        call();
        return ENL_OK;
    } catch (const enlarger::Error &error) {
        REQUIRE(*error.what());
        return error.status();
    }
}

int main() try {
    enlarger::Registry registry({"/nowhere"}), kept = std::move(registry);
    REQUIRE(status_of([&] { registry.models(); }) == ENL_ERROR_NULL);
    REQUIRE(kept.models() >= 1 && kept.engines() >= 1 && kept.devices() >= 1);
    REQUIRE(!kept.model(0, "id").empty() && !kept.engine(0, "id").empty() && !kept.device(0, "name").empty());
    REQUIRE(other_unit(kept));

    REQUIRE(kept.available() > 30 && !kept.available(0, "id").empty() && kept.model(0, "removable") == "no");
    REQUIRE(status_of([&] { kept.import_model("/nowhere"); }) == ENL_ERROR_IO);
    REQUIRE(status_of([&] { kept.install("nothing"); }) == ENL_ERROR_MODEL_NOT_FOUND);
    REQUIRE(status_of([&] { kept.remove("nothing"); }) == ENL_ERROR_MODEL_NOT_FOUND);
    enlarger::Run steps;
    steps.step = [](double fraction, const char *text) { return fraction > 1 || !*text; };
    REQUIRE(status_of([&] { kept.import_model("/nowhere", steps); }) == ENL_CANCELLED);
    steps.step = [](double, const char *) -> bool { throw std::out_of_range("step"); };
    bool rethrown = false;
    try { kept.import_model("/nowhere", steps); } catch (const std::out_of_range &) { rethrown = true; }
    REQUIRE(rethrown);

    enlarger::Options options(kept);
    options.set("factor", 2).set("factor", 2.5).set("colour_lock", true).set("engine", "rten").reset("factor");
    options.set("factor", std::string("2")).set_bytes("icc_profile", nullptr, 0);
    REQUIRE(options.count() > 5 && options.key(0) == "preset");
    REQUIRE(options.describe("factor", "value") == "2");
    REQUIRE(status_of([&] { options.set("factor", "large"); }) == ENL_ERROR_ARGUMENT);

    enlarger::Upscaler upscaler(kept, options);
    REQUIRE(upscaler.text("engine") == "rten");
    const enlarger::Plan plan = upscaler.plan(30, 20);
    REQUIRE(plan.width == 60 && plan.height == 40);

    const int32_t rgb = ENL_SAMPLE_U8 + ENL_CHANNELS_RGB, floats = ENL_SAMPLE_F32 + ENL_CHANNELS_RGBA;
    const std::vector<uint8_t> small(30 * 20 * 3, 128);
    std::vector<float> large(60 * 40 * 4);
    const auto run = [&](const enlarger::Run &how) {
        upscaler.run(enlarger::view(small, 30, 20, rgb), enlarger::view(large, 60, 40, floats), how);
    };
    run({});
    REQUIRE(std::abs(large[0] * 255 - 128) < 1 && large[3] == 1);
    const auto too_small = [&] { upscaler.run(enlarger::view(small, 30, 21, rgb), enlarger::view(large, 60, 40, rgb)); };
    REQUIRE(status_of(too_small) == ENL_ERROR_BUFFER);

    int reports = 0;
    enlarger::Run how;
    how.progress = [&](const enlarger::Progress *) { return ++reports > 0; };
    run(how);
    REQUIRE(reports > 0);
    how.progress = [](const enlarger::Progress *) { return false; };
    REQUIRE(status_of([&] { run(how); }) == ENL_CANCELLED);

    enlarger::Run stopped;
    enlarger::Cancel cancel;
    stopped.cancel = &cancel;
    REQUIRE(!cancel.requested());
    cancel.request();
    REQUIRE(cancel.requested() && status_of([&] { run(stopped); }) == ENL_CANCELLED);

    enlarger::Run part;
    const enlarger::Rect rect = {5, 5, 10, 4};
    part.rect = &rect;
    const enlarger::Plan cut = upscaler.plan(30, 20, part);
    REQUIRE(cut.width == 20 && cut.height == 8);
    uint32_t rows = 0;
    const auto gray = [](uint32_t, uint32_t, void *row, size_t size) {
        std::fill_n(static_cast<uint8_t *>(row), size, 128);
        return true;
    };
    const auto count = [&](uint32_t, const void *, size_t size) { rows++; return size == 60; };
    upscaler.stream({30, 20, rgb, gray}, {20, 8, rgb, count}, part);
    REQUIRE(rows == 8);

    // What a stream is to know of a picture. A row of white pixels is a scratch.
    enlarger::Options old(kept);
    old.set("method", "bicubic").set("factor", 1).set("scratches", 50);
    enlarger::Upscaler repairing(kept, old);
    enlarger::Run repair;
    repair.options = &old;
    const enlarger::Source scratched = {128, 128, rgb, [](uint32_t, uint32_t y, void *row, size_t size) {
        return std::fill_n(static_cast<uint8_t *>(row), size, y == 60 ? 250 : 90), true; }};
    REQUIRE(!upscaler.find_damage(scratched) && upscaler.measure_faces(scratched) == -1 && !upscaler.wants_faces(128, 128));
    const enlarger::Damage damage = repairing.find_damage(scratched, repair);
    REQUIRE(damage);
    std::vector<uint8_t> places(128 * 128);
    damage.mask(enlarger::view(places, 128, 128, ENL_SAMPLE_U8 + ENL_CHANNELS_GRAY));
    REQUIRE(places[60 * 128 + 64] == 255 && places[20 * 128 + 64] == 0);
    const auto repaired = [&] {
        int brightest = 0;
        repairing.stream(scratched, {128, 128, rgb, [&](uint32_t, const void *row, size_t) {
            return brightest = std::max<int>(brightest, *static_cast<const uint8_t *>(row)), true; }}, repair);
        return brightest < 100;
    };
    REQUIRE(!repaired());
    old.set_damage(damage);
    REQUIRE(repaired());
    old.set_damage(enlarger::Damage(nullptr)).set_scratch_mask(enlarger::view(
        places, 128, 128, ENL_SAMPLE_U8 + ENL_CHANNELS_GRAY));
    REQUIRE(repaired());

    // An exception that a callback throws reaches the caller, and the upscaler stays usable.
    const auto broken = [](auto...) -> bool { throw std::out_of_range("thrown by a callback"); };
    for (int which = 0; which < 3; which++) {
        bool caught = false;
        enlarger::Source source = {30, 20, rgb, gray};
        enlarger::Sink sink = {60, 40, rgb, [](auto...) { return true; }};
        enlarger::Run all;
        if (which == 0) source.row = broken;
        if (which == 1) sink.row = broken;
        if (which == 2) all.progress = broken;
        try {
            upscaler.stream(source, sink, all);
        } catch (const std::out_of_range &) {
            caught = true;
        }
        REQUIRE(caught);
    }
    run({});
    std::cout << "all is well\n";
} catch (const std::exception &error) {
    std::cout << error.what() << "\n";
    return 1;
}
