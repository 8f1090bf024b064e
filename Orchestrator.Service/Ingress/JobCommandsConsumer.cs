using MassTransit;
using Orchestrator.Contracts;

namespace Orchestrator.Service.Ingress;

/// <summary>Jobs by bus endpoint: the same that HTTP and <see cref="IJobClient"/> offer. A redelivered request is recognised by its message id.</summary>
internal sealed class JobCommandsConsumer(IJobClient jobs) :
    IConsumer<EnqueueJob>, IConsumer<CancelRequested>, IConsumer<RetryRequested>, IConsumer<PriorityRequested>
{
    public async Task Consume(ConsumeContext<EnqueueJob> context)
    {
        var wanted = context.Message;
        var request = new JobRequest(wanted.Lane, wanted.Payload.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "{}" : wanted.Payload.GetRawText())
        {
            Priority = wanted.Priority,
            AvailableAt = wanted.AvailableAt,
            // Without a key of the sender's own, the message's id is the key: a redelivery after the commit finds the first job.
            DedupeKey = wanted.DedupeKey ?? (context.MessageId is { } id ? $"message:{id:N}" : null),
            MaxAttempts = wanted.MaxAttempts,
            Announce = wanted.Announce,
        };
        try
        {
            var job = await jobs.SubmitAsync(request, context.CancellationToken);
            await AnswerAsync(context, new JobAccepted(job.JobId, job.Duplicate && wanted.DedupeKey is not null));
        }
        catch (JobRequestException refused) when (context.RequestId is not null)
        {
            await context.RespondAsync(new JobRejected(refused.Errors)); // nobody waits for an answer: the message goes to _error with the reason
        }
    }

    public async Task Consume(ConsumeContext<CancelRequested> context) =>
        await AnswerAsync(context, await jobs.CancelAsync(context.Message.JobId, context.Message.Reason, context.CancellationToken));

    public async Task Consume(ConsumeContext<RetryRequested> context) =>
        await AnswerAsync(context, await jobs.RetryAsync(context.Message.JobId, context.CancellationToken));

    public async Task Consume(ConsumeContext<PriorityRequested> context) =>
        await AnswerAsync(context, await jobs.PrioritiseAsync(context.Message.JobId, context.Message.Priority, context.CancellationToken));

    private static Task AnswerAsync<T>(ConsumeContext context, T answer) where T : class =>
        context.RequestId is null ? Task.CompletedTask : context.RespondAsync(answer);
}
