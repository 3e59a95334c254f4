export const tokenBudgets = `
alter table arriero.organisations
  add column token_budget bigint check (token_budget >= 0),
  add column token_budget_period text check (token_budget_period in ('day', 'month')),
  add check ((token_budget is null) = (token_budget_period is null));
`;
