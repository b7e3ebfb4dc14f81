package import JobModel

/// `runJob`: an instance that the server wants run here.
package struct InstanceOrder: Hashable, Sendable {
    package var job: Int64
    package var instance: Int64
    /// Within a workflow alone.
    package var workflow: Int64?
    package var executeType = ExecuteType.standalone
    package var processorType = ProcessorType.builtIn
    package var processor: String
    /// Nil: no limit.
    package var timeout: Duration?
    package var jobParams: String?
    package var instanceParams: String?
    package var threads = 0
    /// Beside the first attempt.
    package var retries = 0
    package var timeType = TimeType.api
    package var timeExpression: String?
    package var mostInstances = 0
    package var alarmConfig: String?
    package var logConfig: String?
    package var runtimeConfig: String?
    /// Every worker that fits the job, this one too, as `host:port`.
    package var allAddresses: [String] = []
    /// How many of them may take part; 0: all.
    package var mostAddresses = 0

    package init(job: Int64, instance: Int64, processor: String) {
        self.job = job
        self.instance = instance
        self.processor = processor
    }

    /// One task that one host runs.
    package var isLight: Bool { executeType == .standalone && !timeType.isFrequent }
    package var isFrequent: Bool { timeType.isFrequent }
}

/// A `runJob` that makes no sense. Where it says which instance it is about, the server can be told.
package struct OrderFault: Error, Hashable, Sendable {
    package var job: Int64?
    package var instance: Int64?
    package var workflow: Int64?
    package var reason: String
}

extension InstanceOrder {
    /// What this version knows nothing of is left aside, as servers change.
    package init(json: JSONValue) throws(OrderFault) {
        let job = json["jobId"]?.looseInteger, instance = json["instanceId"]?.looseInteger
        let workflow = json["wfInstanceId"]?.looseInteger
        func fault(_ reason: String) -> OrderFault {
            OrderFault(job: job, instance: instance, workflow: workflow, reason: reason)
        }
        guard let job, let instance else { throw fault("jobId and instanceId must be whole numbers of 64 bits") }
        self.init(job: job, instance: instance, processor: json["processorInfo"]?.looseText ?? "")
        self.workflow = workflow
        do throws(WordFault) {
            executeType = try Self.word(json, "executeType") ?? .standalone
            processorType = try Self.word(json, "processorType") ?? .builtIn
            timeType = try Self.word(json, "timeExpressionType") ?? .api
        } catch {
            throw fault(error.reason)
        }
        setRest(json)
    }

    private mutating func setRest(_ json: JSONValue) {
        timeout = json["instanceTimeoutMS"]?.looseInteger.flatMap { $0 > 0 ? .milliseconds($0) : nil }
        jobParams = json["jobParams"]?.looseText
        instanceParams = json["instanceParams"]?.looseText
        threads = Self.count(json["threadConcurrency"])
        retries = Self.count(json["taskRetryNum"])
        timeExpression = json["timeExpression"]?.looseText
        mostInstances = Self.count(json["maxInstanceNum"])
        alarmConfig = json["alarmConfig"]?.looseText
        logConfig = json["logConfig"]?.looseText
        runtimeConfig = json["advancedRuntimeConfig"]?.looseText
        allAddresses = json["allWorkerAddress"]?.array?.compactMap(\.looseText) ?? []
        mostAddresses = Self.count(json["maxWorkerCount"])
    }

    private static func count(_ value: JSONValue?) -> Int {
        Int(max(0, min(value?.looseInteger ?? 0, Int64(Int32.max))))
    }

    private struct WordFault: Error {
        var reason: String
    }

    private static func word<Word: RawRepresentable<String>>(
        _ json: JSONValue, _ name: String
    ) throws(WordFault) -> Word? {
        guard let value = json[name] else { return nil }
        guard let text = value.string, let word = Word(rawValue: text) else {
            throw WordFault(reason: "\(name) is \(value.text.excerpt), which is not known here")
        }
        return word
    }
}
