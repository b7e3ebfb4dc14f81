/* Made by `make templates`: every file of plugin-template/, its bytes and its row. A test compares.
 * The digest below is here so that this file changes, and is compiled again, whenever one of them does: ff789774b90abc2f */
#include "berth_templates.h"

/* #embed is C23; this compiler has it for every C. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char header[] = {
#embed "../CBerthPlugin/include/berth_plugin.h"
};
static const unsigned char file_0[] = {
#embed "../../plugin-template/c-processor/plugin.c"
};
static const unsigned char file_1[] = {
#embed "../../plugin-template/c-processor/test.c"
};
static const unsigned char file_2[] = {
#embed "../../plugin-template/c-runner/plugin.c"
};
static const unsigned char file_3[] = {
#embed "../../plugin-template/c-runner/test.c"
};
static const unsigned char file_4[] = {
#embed "../../plugin-template/c/.ci/run"
};
static const unsigned char file_5[] = {
#embed "../../plugin-template/c/.gitignore"
};
static const unsigned char file_6[] = {
#embed "../../plugin-template/c/Makefile"
};
static const unsigned char file_7[] = {
#embed "../../plugin-template/c/README.md"
};
static const unsigned char file_8[] = {
#embed "../../plugin-template/c/berth_plugin.h"
};
static const unsigned char file_9[] = {
#embed "../../plugin-template/c/exports.map"
};
static const unsigned char file_10[] = {
#embed "../../plugin-template/c/failure.h"
};
static const unsigned char file_11[] = {
#embed "../../plugin-template/c/fake_host.h"
};
static const unsigned char file_12[] = {
#embed "../../plugin-template/c/fake_run.h"
};
static const unsigned char file_13[] = {
#embed "../../plugin-template/c/json.c"
};
static const unsigned char file_14[] = {
#embed "../../plugin-template/c/json.h"
};
static const unsigned char file_15[] = {
#embed "../../plugin-template/c/plugin.c"
};
static const unsigned char file_16[] = {
#embed "../../plugin-template/c/test.c"
};
static const unsigned char file_17[] = {
#embed "../../plugin-template/cpp/.ci/run"
};
static const unsigned char file_18[] = {
#embed "../../plugin-template/cpp/.gitignore"
};
static const unsigned char file_19[] = {
#embed "../../plugin-template/cpp/Makefile"
};
static const unsigned char file_20[] = {
#embed "../../plugin-template/cpp/README.md"
};
static const unsigned char file_21[] = {
#embed "../../plugin-template/cpp/berth.hpp"
};
static const unsigned char file_22[] = {
#embed "../../plugin-template/cpp/berth_plugin.h"
};
static const unsigned char file_23[] = {
#embed "../../plugin-template/cpp/exports.map"
};
static const unsigned char file_24[] = {
#embed "../../plugin-template/cpp/fake_host.h"
};
static const unsigned char file_25[] = {
#embed "../../plugin-template/cpp/fake_run.h"
};
static const unsigned char file_26[] = {
#embed "../../plugin-template/cpp/json.c"
};
static const unsigned char file_27[] = {
#embed "../../plugin-template/cpp/json.h"
};
static const unsigned char file_28[] = {
#embed "../../plugin-template/cpp/plugin.cpp"
};
static const unsigned char file_29[] = {
#embed "../../plugin-template/cpp/test.c"
};
static const unsigned char file_30[] = {
#embed "../../plugin-template/ffi-bridge/Makefile"
};
static const unsigned char file_31[] = {
#embed "../../plugin-template/ffi-bridge/berth_plugin.h"
};
static const unsigned char file_32[] = {
#embed "../../plugin-template/ffi-bridge/bridge.c"
};
static const unsigned char file_33[] = {
#embed "../../plugin-template/ffi-bridge/bridge.h"
};
static const unsigned char file_34[] = {
#embed "../../plugin-template/ffi-bridge/buffers.c"
};
static const unsigned char file_35[] = {
#embed "../../plugin-template/ffi-bridge/buffers.h"
};
static const unsigned char file_36[] = {
#embed "../../plugin-template/ffi-bridge/call.c"
};
static const unsigned char file_37[] = {
#embed "../../plugin-template/ffi-bridge/call.h"
};
static const unsigned char file_38[] = {
#embed "../../plugin-template/ffi-bridge/callback.c"
};
static const unsigned char file_39[] = {
#embed "../../plugin-template/ffi-bridge/describe.c"
};
static const unsigned char file_40[] = {
#embed "../../plugin-template/ffi-bridge/description.c"
};
static const unsigned char file_41[] = {
#embed "../../plugin-template/ffi-bridge/description.h"
};
static const unsigned char file_42[] = {
#embed "../../plugin-template/ffi-bridge/exports.map"
};
static const unsigned char file_43[] = {
#embed "../../plugin-template/ffi-bridge/failure.h"
};
static const unsigned char file_44[] = {
#embed "../../plugin-template/ffi-bridge/fake_host.h"
};
static const unsigned char file_45[] = {
#embed "../../plugin-template/ffi-bridge/fake_run.h"
};
static const unsigned char file_46[] = {
#embed "../../plugin-template/ffi-bridge/json.c"
};
static const unsigned char file_47[] = {
#embed "../../plugin-template/ffi-bridge/json.h"
};
static const unsigned char file_48[] = {
#embed "../../plugin-template/ffi-bridge/output.c"
};
static const unsigned char file_49[] = {
#embed "../../plugin-template/ffi-bridge/output.h"
};
static const unsigned char file_50[] = {
#embed "../../plugin-template/ffi-bridge/reading.c"
};
static const unsigned char file_51[] = {
#embed "../../plugin-template/ffi-bridge/reading.h"
};
static const unsigned char file_52[] = {
#embed "../../plugin-template/ffi-bridge/schema.c"
};
static const unsigned char file_53[] = {
#embed "../../plugin-template/ffi-bridge/schema.h"
};
static const unsigned char file_54[] = {
#embed "../../plugin-template/ffi-bridge/try.c"
};
static const unsigned char file_55[] = {
#embed "../../plugin-template/ffi-bridge/types.c"
};
static const unsigned char file_56[] = {
#embed "../../plugin-template/ffi-bridge/types.h"
};
static const unsigned char file_57[] = {
#embed "../../plugin-template/ffi-bridge/verify.c"
};
static const unsigned char file_58[] = {
#embed "../../plugin-template/ffi-bridge/verify.h"
};
static const unsigned char file_59[] = {
#embed "../../plugin-template/ffi-bridge/yaml.c"
};
static const unsigned char file_60[] = {
#embed "../../plugin-template/ffi-bridge/yaml.h"
};
static const unsigned char file_61[] = {
#embed "../../plugin-template/ffi/.ci/run"
};
static const unsigned char file_62[] = {
#embed "../../plugin-template/ffi/.gitignore"
};
static const unsigned char file_63[] = {
#embed "../../plugin-template/ffi/Makefile"
};
static const unsigned char file_64[] = {
#embed "../../plugin-template/ffi/README.md"
};
static const unsigned char file_65[] = {
#embed "../../plugin-template/ffi/plugin.yaml"
};
static const unsigned char file_66[] = {
#embed "../../plugin-template/rust/.cargo/config.toml"
};
static const unsigned char file_67[] = {
#embed "../../plugin-template/rust/.ci/run"
};
static const unsigned char file_68[] = {
#embed "../../plugin-template/rust/.gitignore"
};
static const unsigned char file_69[] = {
#embed "../../plugin-template/rust/Cargo.toml"
};
static const unsigned char file_70[] = {
#embed "../../plugin-template/rust/Makefile"
};
static const unsigned char file_71[] = {
#embed "../../plugin-template/rust/README.md"
};
static const unsigned char file_72[] = {
#embed "../../plugin-template/rust/src/berth/abi.rs"
};
static const unsigned char file_73[] = {
#embed "../../plugin-template/rust/src/berth/context.rs"
};
static const unsigned char file_74[] = {
#embed "../../plugin-template/rust/src/berth/failure.rs"
};
static const unsigned char file_75[] = {
#embed "../../plugin-template/rust/src/berth/json.rs"
};
static const unsigned char file_76[] = {
#embed "../../plugin-template/rust/src/berth/mod.rs"
};
static const unsigned char file_77[] = {
#embed "../../plugin-template/rust/src/berth/plugin.rs"
};
static const unsigned char file_78[] = {
#embed "../../plugin-template/rust/src/lib.rs"
};
static const unsigned char file_79[] = {
#embed "../../plugin-template/rust/src/tests.rs"
};
static const unsigned char file_80[] = {
#embed "../../plugin-template/rust/src/tests/fake_host.rs"
};
static const unsigned char file_81[] = {
#embed "../../plugin-template/swift-processor/Sources/PluginName/PluginName.swift"
};
static const unsigned char file_82[] = {
#embed "../../plugin-template/swift-processor/Tests/PluginNameTests/PluginNameTests.swift"
};
static const unsigned char file_83[] = {
#embed "../../plugin-template/swift-runner/Sources/PluginName/PluginName.swift"
};
static const unsigned char file_84[] = {
#embed "../../plugin-template/swift-runner/Tests/PluginNameTests/PluginNameTests.swift"
};
static const unsigned char file_85[] = {
#embed "../../plugin-template/swift/.ci/run"
};
static const unsigned char file_86[] = {
#embed "../../plugin-template/swift/.gitignore"
};
static const unsigned char file_87[] = {
#embed "../../plugin-template/swift/Makefile"
};
static const unsigned char file_88[] = {
#embed "../../plugin-template/swift/Package.swift"
};
static const unsigned char file_89[] = {
#embed "../../plugin-template/swift/README.md"
};
static const unsigned char file_90[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Calls.swift"
};
static const unsigned char file_91[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Children.swift"
};
static const unsigned char file_92[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Component.swift"
};
static const unsigned char file_93[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Context.swift"
};
static const unsigned char file_94[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSON.swift"
};
static const unsigned char file_95[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSONDecoding.swift"
};
static const unsigned char file_96[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSONEncoding.swift"
};
static const unsigned char file_97[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSONReader.swift"
};
static const unsigned char file_98[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Kinds.swift"
};
static const unsigned char file_99[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Metrics.swift"
};
static const unsigned char file_100[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Params.swift"
};
static const unsigned char file_101[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Plugin.swift"
};
static const unsigned char file_102[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/PluginFailure.swift"
};
static const unsigned char file_103[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/RunIds.swift"
};
static const unsigned char file_104[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/RunThread.swift"
};
static const unsigned char file_105[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Slots.swift"
};
static const unsigned char file_106[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/State.swift"
};
static const unsigned char file_107[] = {
#embed "../../plugin-template/swift/Sources/CBerthPlugin/include/berth_plugin.h"
};
static const unsigned char file_108[] = {
#embed "../../plugin-template/swift/Sources/PluginName/PluginName.swift"
};
static const unsigned char file_109[] = {
#embed "../../plugin-template/swift/Tests/PluginNameTests/FakeHost.swift"
};
static const unsigned char file_110[] = {
#embed "../../plugin-template/swift/Tests/PluginNameTests/PluginNameTests.swift"
};
static const unsigned char file_111[] = {
#embed "../../plugin-template/swift/exports.map"
};

#define FILE_OF(folder, path, bytes, executable) {folder, path, bytes, sizeof bytes, executable}

static const berth_template_file files[] = {
    FILE_OF("", "berth_plugin.h", header, 0),
    FILE_OF("c-processor", "plugin.c", file_0, 0),
    FILE_OF("c-processor", "test.c", file_1, 0),
    FILE_OF("c-runner", "plugin.c", file_2, 0),
    FILE_OF("c-runner", "test.c", file_3, 0),
    FILE_OF("c", ".ci/run", file_4, 1),
    FILE_OF("c", ".gitignore", file_5, 0),
    FILE_OF("c", "Makefile", file_6, 0),
    FILE_OF("c", "README.md", file_7, 0),
    FILE_OF("c", "berth_plugin.h", file_8, 0),
    FILE_OF("c", "exports.map", file_9, 0),
    FILE_OF("c", "failure.h", file_10, 0),
    FILE_OF("c", "fake_host.h", file_11, 0),
    FILE_OF("c", "fake_run.h", file_12, 0),
    FILE_OF("c", "json.c", file_13, 0),
    FILE_OF("c", "json.h", file_14, 0),
    FILE_OF("c", "plugin.c", file_15, 0),
    FILE_OF("c", "test.c", file_16, 0),
    FILE_OF("cpp", ".ci/run", file_17, 1),
    FILE_OF("cpp", ".gitignore", file_18, 0),
    FILE_OF("cpp", "Makefile", file_19, 0),
    FILE_OF("cpp", "README.md", file_20, 0),
    FILE_OF("cpp", "berth.hpp", file_21, 0),
    FILE_OF("cpp", "berth_plugin.h", file_22, 0),
    FILE_OF("cpp", "exports.map", file_23, 0),
    FILE_OF("cpp", "fake_host.h", file_24, 0),
    FILE_OF("cpp", "fake_run.h", file_25, 0),
    FILE_OF("cpp", "json.c", file_26, 0),
    FILE_OF("cpp", "json.h", file_27, 0),
    FILE_OF("cpp", "plugin.cpp", file_28, 0),
    FILE_OF("cpp", "test.c", file_29, 0),
    FILE_OF("ffi-bridge", "Makefile", file_30, 0),
    FILE_OF("ffi-bridge", "berth_plugin.h", file_31, 0),
    FILE_OF("ffi-bridge", "bridge.c", file_32, 0),
    FILE_OF("ffi-bridge", "bridge.h", file_33, 0),
    FILE_OF("ffi-bridge", "buffers.c", file_34, 0),
    FILE_OF("ffi-bridge", "buffers.h", file_35, 0),
    FILE_OF("ffi-bridge", "call.c", file_36, 0),
    FILE_OF("ffi-bridge", "call.h", file_37, 0),
    FILE_OF("ffi-bridge", "callback.c", file_38, 0),
    FILE_OF("ffi-bridge", "describe.c", file_39, 0),
    FILE_OF("ffi-bridge", "description.c", file_40, 0),
    FILE_OF("ffi-bridge", "description.h", file_41, 0),
    FILE_OF("ffi-bridge", "exports.map", file_42, 0),
    FILE_OF("ffi-bridge", "failure.h", file_43, 0),
    FILE_OF("ffi-bridge", "fake_host.h", file_44, 0),
    FILE_OF("ffi-bridge", "fake_run.h", file_45, 0),
    FILE_OF("ffi-bridge", "json.c", file_46, 0),
    FILE_OF("ffi-bridge", "json.h", file_47, 0),
    FILE_OF("ffi-bridge", "output.c", file_48, 0),
    FILE_OF("ffi-bridge", "output.h", file_49, 0),
    FILE_OF("ffi-bridge", "reading.c", file_50, 0),
    FILE_OF("ffi-bridge", "reading.h", file_51, 0),
    FILE_OF("ffi-bridge", "schema.c", file_52, 0),
    FILE_OF("ffi-bridge", "schema.h", file_53, 0),
    FILE_OF("ffi-bridge", "try.c", file_54, 0),
    FILE_OF("ffi-bridge", "types.c", file_55, 0),
    FILE_OF("ffi-bridge", "types.h", file_56, 0),
    FILE_OF("ffi-bridge", "verify.c", file_57, 0),
    FILE_OF("ffi-bridge", "verify.h", file_58, 0),
    FILE_OF("ffi-bridge", "yaml.c", file_59, 0),
    FILE_OF("ffi-bridge", "yaml.h", file_60, 0),
    FILE_OF("ffi", ".ci/run", file_61, 1),
    FILE_OF("ffi", ".gitignore", file_62, 0),
    FILE_OF("ffi", "Makefile", file_63, 0),
    FILE_OF("ffi", "README.md", file_64, 0),
    FILE_OF("ffi", "plugin.yaml", file_65, 0),
    FILE_OF("rust", ".cargo/config.toml", file_66, 0),
    FILE_OF("rust", ".ci/run", file_67, 1),
    FILE_OF("rust", ".gitignore", file_68, 0),
    FILE_OF("rust", "Cargo.toml", file_69, 0),
    FILE_OF("rust", "Makefile", file_70, 0),
    FILE_OF("rust", "README.md", file_71, 0),
    FILE_OF("rust", "src/berth/abi.rs", file_72, 0),
    FILE_OF("rust", "src/berth/context.rs", file_73, 0),
    FILE_OF("rust", "src/berth/failure.rs", file_74, 0),
    FILE_OF("rust", "src/berth/json.rs", file_75, 0),
    FILE_OF("rust", "src/berth/mod.rs", file_76, 0),
    FILE_OF("rust", "src/berth/plugin.rs", file_77, 0),
    FILE_OF("rust", "src/lib.rs", file_78, 0),
    FILE_OF("rust", "src/tests.rs", file_79, 0),
    FILE_OF("rust", "src/tests/fake_host.rs", file_80, 0),
    FILE_OF("swift-processor", "Sources/PluginName/PluginName.swift", file_81, 0),
    FILE_OF("swift-processor", "Tests/PluginNameTests/PluginNameTests.swift", file_82, 0),
    FILE_OF("swift-runner", "Sources/PluginName/PluginName.swift", file_83, 0),
    FILE_OF("swift-runner", "Tests/PluginNameTests/PluginNameTests.swift", file_84, 0),
    FILE_OF("swift", ".ci/run", file_85, 1),
    FILE_OF("swift", ".gitignore", file_86, 0),
    FILE_OF("swift", "Makefile", file_87, 0),
    FILE_OF("swift", "Package.swift", file_88, 0),
    FILE_OF("swift", "README.md", file_89, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Calls.swift", file_90, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Children.swift", file_91, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Component.swift", file_92, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Context.swift", file_93, 0),
    FILE_OF("swift", "Sources/BerthPlugin/JSON.swift", file_94, 0),
    FILE_OF("swift", "Sources/BerthPlugin/JSONDecoding.swift", file_95, 0),
    FILE_OF("swift", "Sources/BerthPlugin/JSONEncoding.swift", file_96, 0),
    FILE_OF("swift", "Sources/BerthPlugin/JSONReader.swift", file_97, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Kinds.swift", file_98, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Metrics.swift", file_99, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Params.swift", file_100, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Plugin.swift", file_101, 0),
    FILE_OF("swift", "Sources/BerthPlugin/PluginFailure.swift", file_102, 0),
    FILE_OF("swift", "Sources/BerthPlugin/RunIds.swift", file_103, 0),
    FILE_OF("swift", "Sources/BerthPlugin/RunThread.swift", file_104, 0),
    FILE_OF("swift", "Sources/BerthPlugin/Slots.swift", file_105, 0),
    FILE_OF("swift", "Sources/BerthPlugin/State.swift", file_106, 0),
    FILE_OF("swift", "Sources/CBerthPlugin/include/berth_plugin.h", file_107, 0),
    FILE_OF("swift", "Sources/PluginName/PluginName.swift", file_108, 0),
    FILE_OF("swift", "Tests/PluginNameTests/FakeHost.swift", file_109, 0),
    FILE_OF("swift", "Tests/PluginNameTests/PluginNameTests.swift", file_110, 0),
    FILE_OF("swift", "exports.map", file_111, 0),
};

const berth_template_file *berth_templates(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
