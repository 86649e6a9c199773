/**
 * Two alarms over all functions of the account's region: two for each function would be sixty, of which ten are free. They
 * tell of functions that died and of calls that AWS refused; what an upstream refuses is in the console, not here.
 */
const topic = new sst.aws.SnsTopic("Alarms");
const email = process.env.ALARM_EMAIL;
if (email) new aws.sns.TopicSubscription("AlarmMail", { topic: topic.arn, protocol: "email", endpoint: email });

const alarm = (metricName: "Errors" | "Throttles", threshold: number) =>
  new aws.cloudwatch.MetricAlarm(`Lambda${metricName}`, {
    alarmDescription: `${$app.name} ${$app.stage}: ${threshold} or more Lambda ${metricName.toLowerCase()} in five minutes`,
    namespace: "AWS/Lambda",
    metricName,
    statistic: "Sum",
    period: 300,
    evaluationPeriods: 1,
    threshold,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });

export const alarms = [alarm("Errors", 5), alarm("Throttles", 1)];
