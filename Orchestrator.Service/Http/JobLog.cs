using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Http;

/// <summary>The log of a job's last external process, as it is or as it grows.</summary>
internal static class JobLog
{
    /// <summary>An answer that does not follow ends after so many bytes; the header says where the next begins.</summary>
    private const int Cap = 16 << 20;

    private const string NextOffset = "X-Next-Offset";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static void MapJobLog(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/jobs/{id:guid}/log", ReadAsync).WithTags("Jobs")
            .WithSummary("The log of the job's last process: from ?offset= on, or its last ?tail= bytes; with ?follow it goes on until the process has ended. At most 16 MiB without follow, X-Next-Offset says where the rest begins")
            .Produces<string>(StatusCodes.Status200OK, "text/plain").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status421MisdirectedRequest);

    private static async Task<IResult> ReadAsync(
        Guid id, HttpContext http, NpgsqlDataSource database, RunFolders folders, NodeLease lease, ProcessOptions options, TimeProvider time, CancellationToken cancellation,
        [FromQuery] string? follow = null, [FromQuery] long offset = 0, [FromQuery] long? tail = null)
    {
        Job? job;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            job = await JobLedger.GetAsync(connection, id, cancellation);
        if (job?.LogRun is not { } run)
            return NotFound(job is null ? $"There is no job {id}." : $"Job {id} has had no external process; only lanes of commands have logs.");
        if (job.LogHost != lease.Node.Host)
            return TypedResults.Problem(statusCode: StatusCodes.Status421MisdirectedRequest, title: "The log is on another host",
                detail: $"Run {run} of job {id} was on host {job.LogHost}, this node is on {lease.Node.Host}. Ask a node there; GET /queue lists nodes with their hosts.");
        await folders.OpenAsync(cancellation);
        var folder = folders.Of(run);
        FileStream log;
        try
        {
            log = RegularFile.Open(folder.Log);
        }
        catch (FileNotFoundException)
        {
            return NotFound($"The log of run {run} is not there: nothing was written yet, or it was removed after {options.KeepFolders}.");
        }
        catch (IOException unreadable)
        {
            return NotFound($"The log of run {run} can't be read: {unreadable.Message} Its program may have replaced it.");
        }

        await using (log)
            await WriteAsync(http, folder, log, follow is not null && follow != "false", Math.Max(0, offset), tail, time, cancellation);
        return TypedResults.Empty;
    }

    private static async Task WriteAsync(HttpContext http, RunFolder folder, FileStream log, bool follow, long offset, long? tail, TimeProvider time, CancellationToken cancellation)
    {
        var end = log.Length;
        log.Position = tail is { } last ? Math.Max(0, end - Math.Max(0, last)) : Math.Min(offset, end);
        if (!follow)
            end = Math.Min(end, log.Position + Cap);
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff"; // whatever a program wrote, no browser may take it for a page
        if (!follow)
            http.Response.Headers[NextOffset] = end.ToString(CultureInfo.InvariantCulture);

        var buffer = new byte[64 << 10];
        while (true)
        {
            // Asked before the file is read to its end, so that the last words are never missed.
            var over = !follow || folder.Look() is not RunState.Alive;
            for (int read; (read = await log.ReadAsync(buffer.AsMemory(0, follow ? buffer.Length : (int)Math.Min(buffer.Length, end - log.Position)), cancellation)) > 0;)
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation);
            await http.Response.Body.FlushAsync(cancellation);
            if (over)
                return;
            await Task.Delay(Look, time, cancellation);
        }
    }

    private static IResult NotFound(string detail) => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No log", detail: detail);
}
