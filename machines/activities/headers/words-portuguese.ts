/** Headers of Portuguese exports, European and Brazilian. */
import type { HeaderWords } from './roles.ts';

export const PORTUGUESE: HeaderWords = {
  summary: [
    'Título, Assunto, Resumo, Tema, Nome da tarefa, Nome tarefa, Título da tarefa, Nome do cartão, Denominação',
    'Descrição breve, Descrição curta, Descrição resumida, Nome do item, Sumário',
  ],
  task: [
    'Tarefa, Tarefas, Subtarefa, Trabalho, Chamado, Pedido, Demanda, Solicitação, =Ticket, Ocorrência, Ação',
    'Pacote de trabalho, Tarefa realizada, Trabalho realizado, Serviço executado',
  ],
  description: [
    'Descrição, Detalhe, Detalhes, Descrição da tarefa, Descrição detalhada, Conteúdo, Texto, Descrição do trabalho',
    'Descrição do serviço',
  ],
  note: ['Comentário, Comentários, Nota, Notas, Observação, Observações, Anotação, Anotações, Obs'],
  name: ['=Nome'],
  activity: ['Atividade, Atividades, Actividade, Actividades, Nome da atividade, Serviço, Etapa, Evento, Operação'],
  kind: [
    'Categoria, Categorias, Tipo, Classe, Classificação, Tipo de tarefa, Tipo de atividade, Tipo de trabalho',
    'Tipo de chamado, Tipo de pedido, Tipo de hora, Fase, Lista, Lista de tarefas, Componente, Componentes',
    'Subcategoria, Área, Processo, Natureza',
  ],
  tag: ['Etiqueta, Etiquetas, Rótulo, Rótulos, Marcador, Marcadores, Palavra-chave, Palavras-chave'],
  project: [
    'Projeto, Projetos, Projecto, Projectos, Nome do projeto, Nome projeto, Subprojeto, Programa, Tarefa principal',
    'Tarefa mãe, Tarefa pai, Espaço de trabalho, Obra, Contrato',
  ],
  client: ['Cliente, Clientes, Nome do cliente, Nome cliente, Empresa, Companhia, Organização, Conta, Razão social'],
  person: [
    'Usuário, Usuários, Nome do usuário, Nome de usuário, Utilizador, Utilizadores, Nome do utilizador',
    'Nome de utilizador, Funcionário, Funcionária, Nome do funcionário, Nome funcionário, Colaborador, Colaboradora',
    'Nome do colaborador, Empregado, Pessoa, Responsável, Atribuído a, Atribuído para, Autor, Recurso, Recursos',
    'Nome do recurso, Nomes dos recursos, Membro, Membros, Membro da equipe, Membro da equipa, Trabalhador',
    'Nome completo, Sobrenome, Apelido, Criado por, Modificado por, Relator, Técnico, Consultor, Analista',
    'Solicitante, Proprietário, Quem, Profissional',
  ],
  email: ['E-mail, Email, Correio eletrônico, Correio eletrónico, Endereço de e-mail, Endereço de email'],
  team: [
    'Equipe, Equipa, Equipes, Equipas, Departamento, Grupo, Setor, Divisão, Cargo, Função, Centro de custo',
    'Unidade organizacional',
  ],
  id: [
    'Identificador, Número, Nº, N.º, Num, Núm, Código, Cód, Chave, Referência, Ref, Matrícula, Chave da ocorrência',
    'Número da tarefa, Número do chamado, Número do pedido, Número do ticket, Nº da tarefa, Número do funcionário',
    'Código do projeto, Código do cliente, ID da tarefa, ID tarefa, Número da equipe, Número da equipa',
    'Chave do item, Protocolo',
  ],
  case: ['Caso, ID do caso, Número do caso, Identificador do caso, Instância do processo'],
  status: [
    'Estado, Situação, Resolução, Aprovação, Exportado, Aprovado, Bloqueado, Concluída, Finalizado, Arquivado',
    'Terminado, Feito',
  ],
  priority: ['Prioridade, Urgência, Gravidade, Importância, Severidade'],
  url: ['Ligação, Página web, Site'],
  location: ['Localização, Local, Sala, Endereço, Morada, Cidade, País, Lugar, Local de trabalho'],
  date: [
    '=Data, Dia, Data do trabalho, Data de trabalho, Data da tarefa, Data do registro, Data do registo',
    'Data da atividade, Data do lançamento, Data de lançamento, Data do apontamento, Jornada',
  ],
  start_date: ['Data de início, Data início, Data do início, Data inicial, Data inicio, Data de começo, Data de'],
  start_time: [
    'Hora de início, Hora início, Hora inicial, Hora do início, Horário de início, Horário início, Horário inicial',
    'Hora de entrada, Hora entrada, Entrada, Hora, Horário',
  ],
  start: [
    '=Início, =Começo, =De, =Desde, Iniciado, Iniciado em, Início real, Data e hora de início, Data/hora de início',
    'Data hora início, Começou',
  ],
  end_date: [
    'Data de término, Data término, Data de fim, Data fim, Data final, Data do fim, Data de conclusão prevista real',
    'Data até',
  ],
  end_time: [
    'Hora de término, Hora término, Hora de fim, Hora fim, Hora final, Hora do fim, Horário de término',
    'Horário término, Horário final, Horário fim, Hora de saída, Hora saída, Saída',
  ],
  end: [
    '=Fim, =Término, =Até, =Para, Fim real, Término real, Data e hora de término, Data e hora de fim',
    'Data/hora de fim, Data/hora de término, Finalizado em',
  ],
  timestamp: ['Carimbo de data/hora, Carimbo de hora, Data e hora, Data/hora, Data hora, Marca temporal'],
  created: [
    'Criado, Criada, Criado em, Data de criação, Data da criação, Atualizado, Atualizado em, Data de atualização',
    'Última atualização, Alterado, Alterado em, Data de alteração, Modificado, Modificado em, Data de modificação',
    'Última modificação, Fechado, Fechado em, Data de fechamento, Data de fecho, Resolvido, Resolvido em',
    'Data de resolução, Aberto em, Data de abertura, Concluído, Concluído em, Data de conclusão, Data da fatura',
    'Data de faturamento, Última atividade, Última alteração, Data de aprovação, Data de nascimento',
  ],
  due: [
    'Vencimento, Data de vencimento, Data limite, Data prevista, Data de entrega, Prazo, Data alvo, Início previsto',
    'Fim previsto, Término previsto, Início planejado, Término planejado, Início planeado, Fim planeado',
    'Data de início prevista, Data de término prevista, Data de entrega prevista',
  ],
  actual: [
    'Tempo gasto, Tempos gastos, Tempo gasto geral, Tempo dedicado, Tempo registado, Tempo registrado',
    'Total de tempo registado, Tempo trabalhado, Tempo de trabalho, Tempo real, Tempo efetivo, Tempo despendido',
    'Tempo utilizado, Tempo apontado, Tempo investido, Horas trabalhadas, Horas realizadas, Horas gastas',
    'Horas reais, Horas registradas, Horas registadas, Horas apontadas, Horas de trabalho, Horas efetivas',
    'Horas dedicadas, Horas lançadas, Horas utilizadas, Horas consumidas, Duração real, Duração efetiva',
    'Trabalho real, Trabalho concluído, Esforço real, =Real, =Realizado, =~Gasto, =Trabalhado, Registro de horas',
    'Registo de tempo, Controle de tempo, Minutos trabalhados, Minutos gastos, Dias trabalhados',
  ],
  duration: [
    '~Soma de horas, ~Soma de duração, Duração, Tempo, Horas, Número de horas, Nº de horas, Nº horas, Qtd horas',
    'Qtde horas, Quantidade de horas, Minutos, Número de minutos, Segundos, Esforço, Carga horária',
    'Carga de trabalho, Horas decimais, Horas decimal, Duração decimal, Tempo decimal, Horas homem, Horas/homem',
    'Pessoas-dia, =Dias, Número de dias, ~Duração total, ~Tempo total, ~Horas totais, ~Total de horas, ~Total horas',
    '~Horas faturáveis, ~Horas faturadas, ~Tempo faturável, ~Duração faturável, ~Horas cobráveis',
  ],
  estimate: [
    'Estimativa, =Estimado, =Estimada, Estimativa original, Estimativa inicial, Tempo estimado',
    'Tempo estimado geral, Total de tempo estimado, Horas estimadas, Duração estimada, Esforço estimado',
    'Trabalho estimado, Horas previstas, Tempo previsto, Duração prevista, Horas planejadas, Horas planeadas',
    'Tempo planejado, Tempo planeado, Duração planejada, Trabalho planejado, =Planejado, =Planeado, =Previsto',
    '=Orçamento, Orçamento de horas, Horas orçadas, Horas alocadas, Tempo alocado, Capacidade, Horas esperadas',
    'Cota por hora, Horas inicialmente planejadas, Horas inicialmente planeadas, Horas contratadas',
  ],
  remaining: [
    'Restante, Tempo restante, Tempo restante estimado, Horas restantes, Trabalho restante, Esforço restante',
    'Duração restante, Estimativa restante, Saldo, Diferença, Desvio, Saldo de horas, Banco de horas',
    'Horas pendentes',
  ],
  cumulative: [
    'Total, Totais, Total geral, Acumulado, Tempo acumulado, Horas acumuladas, Total da semana, Total semanal',
    'Total diário, Total do dia, Total mensal, Horas semanais, Horas mensais, Horas por dia, Horas por semana',
    'Horas por mês, Soma, Subtotal',
  ],
  hours_part: ['=Horas'],
  minutes_part: ['=Minutos'],
  break: [
    'Intervalo, Intervalos, Pausa, Pausas, Tempo de pausa, Tempo de intervalo, Almoço, Descanso',
    'Início do intervalo, Fim do intervalo, Início da pausa, Fim da pausa, Início intervalo, Fim intervalo',
    'Saída almoço, Retorno almoço, Tempo livre',
  ],
  overtime: ['Horas extras, Horas extra, Hora extra, Horas extraordinárias, Trabalho extraordinário'],
  points: ['Pontos, Pontos de história, Story points estimados, Complexidade'],
  ratio: [
    'Taxa de sucesso, Taxa de câmbio, Taxa de conversão, Taxa de erro, Taxa de ocupação, Taxa de IVA',
    'Porcentagem, Percentagem, Percentual, Progresso, % completo, % concluído, % concluída, % terminado',
    '% trabalho concluído, Utilização, Andamento, Ocupação, Taxa de imposto, Taxa do imposto',
  ],
  count: [
    'Quantidade, Qtd, Qtde, Contagem, Número de tarefas, Número de entradas, Ocorrências, Frequência',
    'Quantidade de tarefas, Número de atividades',
  ],
  rate: [
    'Taxa, Taxa horária, Taxa por hora, Valor hora, Valor por hora, Valor da hora, Preço por hora, Preço hora',
    'Custo por hora, Custo hora, Tarifa, Tarifa horária, Preço unitário, Taxa fixa, Taxa interna, Preço fixo',
    'Preço interno, Taxa faturável, Salário hora',
  ],
  money: [
    'Valor, Preço, Custo, Custos, Montante, Preço total, Custo total, Valor total, Receita, Honorários, Salário',
    'Despesas, Valor faturável, Montante total, Custo real, Importância total',
  ],
  currency: ['Moeda'],
  billable: ['Faturável, Faturado, Faturada, Não faturável, Cobrável, Facturável, Pago, A faturar'],
  unit: ['Unidade, Unidade de medida, Unidade de tempo, Unidades'],
  week: ['Semana, Número da semana, Nº da semana, Nº semana'],
  month: ['Mês, Ano, Trimestre, Período, Exercício, Competência'],
  weekday: ['Dia da semana, Dia semana'],
  nothing: [
    'Fuso horário, Dia inteiro, O dia todo, Cor, Origem, Fonte, Versão, Anexos, Nome do arquivo, Nome do ficheiro',
    'Tempo de resposta, Tempo de resolução, Tempo de espera, Telefone, CEP, Código postal, Assinatura',
    'Folha de horas, Planilha de horas, Quadro de horários, Privado, Ambiente, Observadores',
  ],
};
