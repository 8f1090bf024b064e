using MassTransit;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>Tasks by bus endpoint, and the ends of their jobs. Redelivery harms nothing: each message only says that there may be something to do.</summary>
internal sealed class TaskConsumer(NpgsqlDataSource database, TaskDriver driver, ITaskClient tasks) :
    IConsumer<JobEnded>, IConsumer<OpenTask>, IConsumer<PauseTask>, IConsumer<ResumeTask>, IConsumer<CancelTask>, IConsumer<RetryStage>
{
    public async Task Consume(ConsumeContext<JobEnded> context)
    {
        if (context.Message.Lane is not (DeliveryLanes.Agents or DeliveryLanes.Work))
            return;
        Guid? task;
        await using (var connection = await database.OpenConnectionAsync(context.CancellationToken))
            task = await TaskLedger.OfJobAsync(connection, context.Message.JobId, context.CancellationToken);
        if (task is { } id)
            await driver.DriveAsync(id, context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<OpenTask> context)
    {
        try
        {
            await AnswerAsync(context, await tasks.OpenAsync(context.Message, context.CancellationToken));
        }
        catch (JobRequestException refused)
        {
            await AnswerAsync(context, new TaskRejected(refused.Errors));
        }
    }

    public async Task Consume(ConsumeContext<PauseTask> context) => await AnswerAsync(context, await tasks.PauseAsync(context.Message.TaskId, context.Message.Reason, context.CancellationToken));

    public async Task Consume(ConsumeContext<ResumeTask> context) => await AnswerAsync(context, await tasks.ResumeAsync(context.Message.TaskId, context.CancellationToken));

    public async Task Consume(ConsumeContext<CancelTask> context) => await AnswerAsync(context, await tasks.CancelAsync(context.Message.TaskId, context.Message.Reason, context.CancellationToken));

    public async Task Consume(ConsumeContext<RetryStage> context) => await AnswerAsync(context, await tasks.RetryStageAsync(context.Message.TaskId, context.CancellationToken));

    private static Task AnswerAsync<T>(ConsumeContext context, T answer)
        where T : class => context.ResponseAddress is null ? Task.CompletedTask : context.RespondAsync(answer);
}
