using System.CommandLine;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Commands;

internal static class SubmitCommand
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(3650);

    public static Command Create()
    {
        var lane = new Argument<string>("lane") { Description = "A configured lane" };
        var payload = new Option<string>("--payload") { Description = "JSON object for the lane's handler; - reads it from standard input", DefaultValueFactory = _ => "{}" };
        var priority = new Option<int>("--priority") { Description = "Higher goes first; -1000 to 1000" };
        var delay = new Option<TimeSpan?>("--delay") { Description = "Not before this time has passed, as hh:mm:ss" };
        delay.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<TimeSpan?>() is { } wait && (wait < TimeSpan.Zero || wait > LongestDelay))
                given.AddError($"--delay: must be 00:00:00 to {LongestDelay}, as hh:mm:ss or days.hh:mm:ss. Found: {given.Tokens[0].Value}.");
        });
        var key = new Option<string?>("--dedupe-key") { Description = "A second submission with the same key finds the first job" };
        var command = new Command("submit", "Enqueue a job and print its id") { lane, payload, priority, delay, key };
        command.SetAction(async (arguments, cancellation) =>
        {
            var builder = OrchestratorHost.CreateBuilder([]);
            builder.AddClient();
            await using var app = builder.Build();
            var json = arguments.GetValue(payload)!;
            var request = new JobRequest(arguments.GetValue(lane)!, json == "-" ? await Console.In.ReadToEndAsync(cancellation) : json)
            {
                Priority = arguments.GetValue(priority),
                AvailableAt = arguments.GetValue(delay) is { } wait ? TimeProvider.System.GetUtcNow() + wait : null,
                DedupeKey = arguments.GetValue(key),
            };
            try
            {
                var job = await app.Services.GetRequiredService<IJobClient>().SubmitAsync(request, cancellation);
                await app.Services.GetRequiredService<WorkSignal>().DisposeAsync(); // the nodes are told before the process ends
                Console.WriteLine(job.JobId);
                if (job.Duplicate)
                    await Console.Error.WriteLineAsync("It was there already: the key is that of an earlier job.");
                return 0;
            }
            catch (JobRequestException refused)
            {
                foreach (var error in refused.Errors)
                    await Console.Error.WriteLineAsync(error);
                return 64; // EX_USAGE
            }
        });
        return command;
    }
}
