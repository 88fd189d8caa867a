import Reports
public import Terminal

extension DoctorRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        var doctor = Doctor(context)
        await doctor.run()
        try context.console.show(doctor.report)
        return doctor.report.status
    }
}
